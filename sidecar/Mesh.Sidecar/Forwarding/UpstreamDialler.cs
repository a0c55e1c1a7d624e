using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>Opens the connections of one <see cref="UpstreamClient"/>, in mutual TLS where its member takes it, within one limit for both.</summary>
internal sealed class UpstreamDialler(MutualTlsClient mutualTls, UpstreamTerms terms, bool toApplication, TimeProvider time)
{
    /// <summary>A connection, counted, ready for requests. Failing is a <see cref="ConnectFailedException"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(EndpointState state, UpstreamTls? tls, HttpRequestMessage request, CancellationToken cancellation)
    {
        var limit = terms.ConnectTimeout;
        var started = time.GetTimestamp();
        try
        {
            var connection = new UpstreamStream(await UpstreamDial.ConnectAsync(state.Address, toApplication, limit, time, cancellation, terms.Pool?.KeepAlive), state);
            if (tls is null) return connection;
            var carried = request.Version.Major == 2 ? MutualTlsClient.Http2 : MutualTlsClient.Http1;
            return await mutualTls.AuthenticateAsync(connection, state.Address, tls, carried, limit - time.GetElapsedTime(started), cancellation);
        }
        catch (ConnectFailedException)
        {
            state.CountConnectFailure();
            throw;
        }
        finally
        {
            if (request.Options.TryGetValue(UpstreamClient.Place, out var place)) place.Connected();
        }
    }
}
