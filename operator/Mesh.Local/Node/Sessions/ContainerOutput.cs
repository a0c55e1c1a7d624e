using System.Collections.Immutable;
using Mesh.Local.Node.Containers;

namespace Mesh.Local.Node.Sessions;

/// <summary>What one run of a container writes: into its log always, and to whoever is attached meanwhile. Written by one thread.</summary>
internal sealed class ContainerOutput(ContainerLog log)
{
    private ImmutableArray<OutputListener> _listeners = [];

    public void Write(ReadOnlyMemory<byte> bytes, bool isError)
    {
        log.Append(bytes.Span, isError);
        foreach (var listener in _listeners) listener.Hear(bytes, isError);
    }

    public void Add(OutputListener listener) => ImmutableInterlocked.Update(ref _listeners, (all, one) => all.Add(one), listener);

    public void Remove(OutputListener listener) => ImmutableInterlocked.Update(ref _listeners, (all, one) => all.Remove(one), listener);
}
