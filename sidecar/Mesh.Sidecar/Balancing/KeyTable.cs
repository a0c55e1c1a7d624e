using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>How keys are laid over the members of one pool.</summary>
public abstract class KeyTable
{
    /// <summary>The table that config asks for.</summary>
    /// <param name="terms">As told.</param>
    /// <param name="members">Those that are used; at least one.</param>
    /// <param name="whole">All of the cluster: what is laid out by their number stays where it is when one is left out.</param>
    internal static KeyTable Of(ConsistentHash terms, ImmutableArray<CompiledEndpoint> members, ImmutableArray<CompiledEndpoint> whole) => terms.Table switch
    {
        HashTable.Ring => new HashRing(members, whole, terms.Size),
        HashTable.Maglev => new MaglevTable(members, terms.Size),
        _ => throw new ArgumentOutOfRangeException(nameof(terms), terms.Table, "not a table of hashes"),
    };

    /// <summary>The member of this key.</summary>
    public abstract CompiledEndpoint Find(ulong hash);

    /// <summary>What stands for a member: its address, so that every proxy lays the same keys over the same members.</summary>
    private protected static string NameOf(CompiledEndpoint member) => $"{member.Address}";
}
