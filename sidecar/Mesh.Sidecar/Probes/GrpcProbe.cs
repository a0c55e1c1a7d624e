using System.Net.Sockets;

namespace Mesh.Sidecar.Probes;

/// <summary>The standard health check over HTTP/2 in clear text, as a kubelet makes it: over a connection of its own.</summary>
internal sealed class GrpcProbe(PodDial dial)
{
    public async Task<ProbeAnswer> AskAsync(AppProbe.GrpcCheck check, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = async (context, token) => new NetworkStream(await dial.ConnectAsync(context.DnsEndPoint.Port, token).ConfigureAwait(false), ownsSocket: true),
        };
        using var client = new HttpMessageInvoker(handler);
        return await GrpcHealthCall.AskAsync(client, $"http://{dial.Host}:{check.Port}", host: null, check.Service ?? "", $"port {check.Port}", cancellation).ConfigureAwait(false);
    }
}
