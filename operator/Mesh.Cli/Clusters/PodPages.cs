using System.Net.WebSockets;
using k8s;
using k8s.Autorest;
using Mesh.Operator.Runtime;

namespace Mesh.Cli.Clusters;

/// <summary>HTTP to ports of pods, each question over a forwarded connection of its own.</summary>
internal static class PodPages
{
    // A config with every endpoint of a large mesh is far below; what is not ours cannot fill memory.
    private const int Longest = 256 << 20;

    /// <exception cref="IOException">There is no answer.</exception>
    public static async Task<byte[]> GetAsync(Kubernetes streams, EntityKey pod, int port, string page, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = async (_, token) => await DialAsync(streams, pod, port, token),
        })
        { MaxResponseContentBufferSize = Longest, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            return await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/{page}"), cancellation);
        }
        catch (HttpRequestException e)
        {
            // What the connection said tells more than what was to be sent over it.
            throw new IOException(e.StatusCode is { } status ? $"it answered {(int)status}" : (e.InnerException ?? e).Message, e);
        }
    }

    private static async Task<Stream> DialAsync(Kubernetes streams, EntityKey pod, int port, CancellationToken cancellation)
    {
        try
        {
            return new PodConnection(await streams.WebSocketNamespacedPodPortForwardAsync(pod.Name, pod.Namespace, [port], PodConnection.Protocol, cancellationToken: cancellation));
        }
        catch (WebSocketException e) when (e.Message.Contains("'403'", StringComparison.Ordinal) || e.Message.Contains("'401'", StringComparison.Ordinal))
        {
            // Of the answer that refuses an upgrade nothing but its status comes through.
            throw new IOException($"not allowed to get and create pods/portforward in namespace {pod.Namespace} ({KubernetesCluster.Rights})", e);
        }
        catch (Exception e) when (e is WebSocketException or HttpOperationException)
        {
            throw new IOException($"the API server did not forward a connection: {(e.InnerException ?? e).Message}", e);
        }
    }
}
