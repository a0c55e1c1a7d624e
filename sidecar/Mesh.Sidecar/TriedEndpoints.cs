using Mesh.Sidecar.Config;

namespace Mesh.Sidecar;

/// <summary>Members that earlier tries of one request were sent to. Empty, and without allocation, for most requests.</summary>
public sealed class TriedEndpoints
{
    private List<CompiledEndpoint>? members;

    /// <summary>How many.</summary>
    public int Count => members?.Count ?? 0;

    /// <summary>Notes a member.</summary>
    public void Add(CompiledEndpoint endpoint) => (members ??= []).Add(endpoint);

    /// <summary>Whether a try went to this address before; the state is shared between snapshots, the endpoint is not.</summary>
    public bool Contains(CompiledEndpoint endpoint)
    {
        if (members is null) return false;
        foreach (var member in members)
        {
            if (ReferenceEquals(member.State, endpoint.State)) return true;
        }

        return false;
    }
}
