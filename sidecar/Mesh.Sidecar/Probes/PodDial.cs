using System.Net;
using System.Net.Sockets;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Probes;

/// <summary>Connections to the application at the pod's own address, past the capture rules.</summary>
internal sealed class PodDial(string podAddress, TimeProvider time)
{
    /// <summary>The pod's address as it stands in a URL.</summary>
    public string Host => podAddress.Contains(':', StringComparison.Ordinal) ? $"[{podAddress}]" : podAddress;

    /// <exception cref="ConnectFailedException">The application does not take it.</exception>
    /// <exception cref="IOException">The pod's address is not known.</exception>
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        if (!IPAddress.TryParse(podAddress, out var address)) throw new IOException("the pod's address is not known (INSTANCE_IP is not set)");
        return await UpstreamDial.ConnectAsync(new IPEndPoint(address, port), toApplication: true, Timeout.InfiniteTimeSpan, time, cancellation).ConfigureAwait(false);
    }
}
