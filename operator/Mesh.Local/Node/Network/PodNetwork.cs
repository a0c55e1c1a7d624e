using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Network;

/// <summary>A pod's network namespace and addresses; disposing gives both back.</summary>
public sealed class PodNetwork(NetworkNamespace network, PodAddress address, Action release) : IDisposable
{
    private Action? _release = release;

    public NetworkNamespace Namespace { get; } = network;

    public PodAddress Address { get; } = address;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _release, null) is not { } giveBack) return;
        Namespace.Dispose();
        giveBack();
    }
}
