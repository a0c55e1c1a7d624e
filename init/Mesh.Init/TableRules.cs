using System.Collections.Immutable;

namespace Mesh.Init;

/// <summary>What of ours stands in one table.</summary>
/// <param name="Table">nat or raw.</param>
/// <param name="Chains">Our chains in it, all of them, also the empty ones.</param>
/// <param name="Rules">Rules in order, as iptables-restore reads them (<c>-A CHAIN …</c>).</param>
public sealed record TableRules(string Table, ImmutableArray<string> Chains, ImmutableArray<string> Rules)
{
    /// <summary>The table that redirects.</summary>
    public const string Nat = "nat";

    /// <summary>The table that packets pass before their connection is looked up.</summary>
    public const string Raw = "raw";
}
