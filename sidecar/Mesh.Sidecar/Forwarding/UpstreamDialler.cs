using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>Opens the connections of one <see cref="UpstreamClient"/>, in mutual TLS where its member takes it, within one limit for both.</summary>
internal sealed class UpstreamDialler(MutualTlsClient mutualTls, TimeSpan limit, bool toApplication, TimeProvider time)
{
    /// <summary>A connection, counted, ready for requests. Failing is a <see cref="ConnectFailedException"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(EndpointState state, UpstreamTls? tls, bool isHttp2, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            var connection = new UpstreamStream(await UpstreamDial.ConnectAsync(state.Address, toApplication, limit, time, cancellation), state);
            if (tls is null) return connection;
            var carried = isHttp2 ? MutualTlsClient.Http2 : MutualTlsClient.Http1;
            return await mutualTls.AuthenticateAsync(connection, state.Address, tls, carried, limit - time.GetElapsedTime(started), cancellation);
        }
        catch (ConnectFailedException)
        {
            state.CountConnectFailure();
            throw;
        }
    }
}
