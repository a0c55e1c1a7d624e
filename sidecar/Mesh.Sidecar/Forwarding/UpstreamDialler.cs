using System.Net.Security;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>Opens the connections of one <see cref="UpstreamClient"/>, in TLS where that is spoken to its member, within one limit for both.</summary>
internal sealed class UpstreamDialler(MutualTlsClient mutualTls, UpstreamTerms terms, bool toApplication, TimeProvider time)
{
    /// <summary>A connection, counted, ready for requests. Failing is a <see cref="ConnectFailedException"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(EndpointState state, UpstreamTls? tls, HttpRequestMessage request, string serverName, CancellationToken cancellation)
    {
        var limit = terms.ConnectTimeout;
        var started = time.GetTimestamp();
        try
        {
            // All that share a connection have the same header: it is a part of the name they are kept apart by.
            if (request.Options.TryGetValue(UpstreamClient.Header, out var header)) serverName = serverName[(header.Name.Length + 1)..];
            var connection = new UpstreamStream(await UpstreamDial.ConnectAsync(state.Address, toApplication, limit, time, cancellation, terms.Pool?.KeepAlive, header), state);
            var isHttp2 = request.Version.Major == 2;
            if (terms.Origination is { } own)
            {
                var protocol = isHttp2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11;
                var originated = await own.AuthenticateAsync(connection, state.Address, serverName, protocol, limit - time.GetElapsedTime(started), time, cancellation);
                connection.Established();
                return originated;
            }

            if (tls is null) return connection;
            var carried = isHttp2 ? MutualTlsClient.Http2 : MutualTlsClient.Http1;
            var secured = await mutualTls.AuthenticateAsync(connection, state.Address, tls, carried, limit - time.GetElapsedTime(started), cancellation);
            connection.Established();
            return secured;
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
