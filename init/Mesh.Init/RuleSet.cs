using System.Collections.Immutable;
using System.Text;

namespace Mesh.Init;

/// <summary>The nat rules of one family: our chains, what is in them, and the jumps into them from the kernel's chains.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Chains">Our chains, all of them, also the empty ones.</param>
/// <param name="Rules">Rules in order, as iptables-restore reads them (<c>-A CHAIN …</c>).</param>
public sealed record RuleSet(IpFamily Family, ImmutableArray<string> Chains, ImmutableArray<string> Rules)
{
    /// <summary>What every chain of ours is called: nothing else is ever touched.</summary>
    public const string ChainPrefix = "MESH_";

    /// <summary>
    /// Input for <c>iptables-restore --noflush</c>. A chain line empties the chain where it exists, so loading replaces it;
    /// the jumps stand in chains that are not ours, so those that are there already (<paramref name="present"/>, as
    /// iptables-save prints them) are taken out first. Both happen in one commit: no packet sees the state between.
    /// </summary>
    public string ToRestoreInput(IEnumerable<string> present)
    {
        var text = new StringBuilder("*nat\n");
        foreach (var chain in Chains) text.Append(':').Append(chain).Append(" - [0:0]\n");
        foreach (var jump in present.Where(IsJumpToOurs)) text.Append("-D").Append(jump.AsSpan(2)).Append('\n');
        foreach (var rule in Rules) text.Append(rule).Append('\n');
        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>
    /// Input that takes out whatever of ours is in <paramref name="saved"/> (the output of iptables-save for the nat table),
    /// or null where nothing is.
    /// </summary>
    public static string? ToRemovalInput(IReadOnlyCollection<string> saved)
    {
        var chains = saved.Where(line => line.StartsWith(':' + ChainPrefix, StringComparison.Ordinal))
            .Select(line => line[1..line.IndexOf(' ', StringComparison.Ordinal)]).ToList();
        var jumps = saved.Where(IsJumpToOurs).ToList();
        if (chains.Count == 0 && jumps.Count == 0) return null;
        var text = new StringBuilder("*nat\n");
        foreach (var jump in jumps) text.Append("-D").Append(jump.AsSpan(2)).Append('\n');
        // First empty all, then delete: a chain that another one still jumps to cannot go.
        foreach (var chain in chains) text.Append("-F ").Append(chain).Append('\n');
        foreach (var chain in chains) text.Append("-X ").Append(chain).Append('\n');
        return text.Append("COMMIT\n").ToString();
    }

    private static bool IsJumpToOurs(string line) =>
        line.StartsWith("-A ", StringComparison.Ordinal)
        && !line.StartsWith("-A " + ChainPrefix, StringComparison.Ordinal)
        && line.Contains(" -j " + ChainPrefix, StringComparison.Ordinal);
}
