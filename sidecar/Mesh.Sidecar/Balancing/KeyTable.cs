using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>How keys are laid over the members of one pool.</summary>
public abstract class KeyTable
{
    /// <summary>The table that config asks for, over a pool that is not empty.</summary>
    public static KeyTable Of(ConsistentHash terms, ImmutableArray<CompiledEndpoint> members) => terms.Table switch
    {
        HashTable.Ring => new HashRing(members, terms.Size),
        HashTable.Maglev => new MaglevTable(members, terms.Size),
        _ => throw new ArgumentOutOfRangeException(nameof(terms), terms.Table, "not a table of hashes"),
    };

    /// <summary>The member of this key.</summary>
    public abstract CompiledEndpoint Find(ulong hash);

    /// <summary>What stands for a member: its address, so that every proxy lays the same keys over the same members.</summary>
    private protected static string NameOf(CompiledEndpoint member) => member.Address.ToString();
}
