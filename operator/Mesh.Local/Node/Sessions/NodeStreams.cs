using System.Net;
using System.Net.Sockets;
using Mesh.Local.ApiServer;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Pods;

namespace Mesh.Local.Node.Sessions;

/// <summary>The nodes' answer to what the API server asks about running pods.</summary>
/// <param name="find">The worker of a pod, by namespace and name, wherever it runs.</param>
/// <param name="logs">Directory under which all logs lie.</param>
internal sealed class NodeStreams(Func<string, string, PodWorker?> find, string logs, TimeProvider time)
{
    public PodStreams Streams => new()
    {
        Logs = OpenLogAsync,
        IsRunning = wanted => Run(wanted) is not null,
        Open = OpenAsync,
        Dial = DialAsync,
    };

    private ValueTask<Stream?> OpenLogAsync(PodLogRequest request, CancellationToken cancellation)
    {
        var runner = Runner(request.Namespace, request.Pod, request.PodUid, request.Container);
        return new ContainerLogReader(logs, time).OpenAsync(request, runner?.Record, run => runner?.Writing == run, cancellation);
    }

    private Task<ContainerSession> OpenAsync(ContainerSessionRequest wanted, CancellationToken cancellation)
    {
        var run = Run(wanted) ?? throw new IOException($"container not found (\"{wanted.Container}\")");
        return wanted.Command.IsEmpty ? Task.FromResult(AttachSession.Open(run, wanted)) : ExecSession.StartAsync(run, wanted);
    }

    /// <summary>A program in the pod may listen on either loopback address alone.</summary>
    private async Task<Socket> DialAsync(PodPort port, CancellationToken cancellation)
    {
        if (Worker(port.Namespace, port.Pod, port.PodUid)?.Network is not { } network)
            throw new IOException($"pod {port.Pod} does not run");
        var sockets = new NamespaceSockets(network.Namespace);
        try
        {
            return await sockets.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port.Port), cancellation);
        }
        catch (SocketException first)
        {
            try
            {
                return await sockets.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port.Port), cancellation);
            }
            catch (SocketException second)
            {
                throw new IOException($"failed to connect to localhost:{port.Port} inside the pod's namespace, IPv4: {Why(first)}, IPv6: {Why(second)}", second);
            }
        }
    }

    private static string Why(SocketException e) => e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : e.Message;

    private ContainerRun? Run(ContainerSessionRequest wanted) => Runner(wanted.Namespace, wanted.Pod, wanted.PodUid, wanted.Container)?.Current;

    private ContainerRunner? Runner(string ns, string pod, string uid, string container) =>
        Worker(ns, pod, uid)?.Containers.FirstOrDefault(runner => runner.Name == container);

    /// <summary>Another pod may have taken the name meanwhile.</summary>
    private PodWorker? Worker(string ns, string pod, string uid) => find(ns, pod) is { } worker && worker.Pod.Metadata.Uid == uid ? worker : null;
}
