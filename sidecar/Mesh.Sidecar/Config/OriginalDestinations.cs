using System.Collections.Concurrent;
using System.Net;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>Members of a cluster whose connections go where they wanted to go; made as they are met, bounded.</summary>
public sealed class OriginalDestinations(string cluster)
{
    private const int Most = 4096;

    private readonly ConcurrentDictionary<IPEndPoint, CompiledEndpoint> members = new();

    /// <summary>The member for this address.</summary>
    public CompiledEndpoint Get(IPEndPoint address)
    {
        if (members.TryGetValue(address, out var known)) return known;
        if (members.Count >= Most) DropIdle();
        return members.GetOrAdd(address, Create);
    }

    /// <summary>Those met and not dropped yet.</summary>
    public IEnumerable<CompiledEndpoint> Known => members.Values;

    private CompiledEndpoint Create(IPEndPoint address)
    {
        var config = new Mesh.Config.Endpoint { Address = address.Address.ToString(), Port = address.Port };
        return new CompiledEndpoint(config, address, new EndpointState(cluster, address));
    }

    /// <summary>The cluster is no more.</summary>
    internal void Retire()
    {
        foreach (var member in members.Values) member.State.Retire();
        members.Clear();
    }

    private void DropIdle()
    {
        foreach (var (address, member) in members)
        {
            if (member.State.Active == 0 && members.TryRemove(address, out _)) member.State.Retire();
        }
    }
}
