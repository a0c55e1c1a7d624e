using System.Collections.Immutable;
using System.Text;

namespace Mesh.Init;

/// <summary>The rules of one family: our chains, what is in them, and the jumps into them from the kernel's chains.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Tables">The tables we need: nat, and raw where DNS is captured.</param>
public sealed record RuleSet(IpFamily Family, ImmutableArray<TableRules> Tables)
{
    /// <summary>What every chain of ours is called: nothing else is ever touched.</summary>
    public const string ChainPrefix = "MESH_";

    private static readonly string[] TablesOfOurs = [TableRules.Nat, TableRules.Raw];

    /// <summary>The rules of one table; none where nothing is needed of it.</summary>
    public ImmutableArray<string> RulesOf(string table) => Tables.FirstOrDefault(rules => rules.Table == table)?.Rules ?? [];

    /// <summary>
    /// Input for <c>iptables-restore --noflush</c>. A chain line empties the chain where it exists, so loading replaces it;
    /// the jumps stand in chains that are not ours, so those that are there already (<paramref name="present"/>) are taken out
    /// first. Both happen in one commit: no packet sees the state between. A table that is no longer needed is cleared.
    /// </summary>
    public string ToRestoreInput(SavedRules present)
    {
        var text = new StringBuilder();
        foreach (var table in Tables)
        {
            text.Append('*').Append(table.Table).Append('\n');
            foreach (var chain in table.Chains) text.Append(':').Append(chain).Append(" - [0:0]\n");
            foreach (var jump in present.Of(table.Table).Where(IsJumpToOurs)) text.Append("-D").Append(jump.AsSpan(2)).Append('\n');
            foreach (var rule in table.Rules) text.Append(rule).Append('\n');
            text.Append("COMMIT\n");
        }
        foreach (var table in TablesOfOurs.Except(Tables.Select(table => table.Table))) AppendRemoval(text, table, present.Of(table));
        return text.ToString();
    }

    /// <summary>Input that takes out whatever of ours is there, or null where nothing is.</summary>
    public static string? ToRemovalInput(SavedRules present)
    {
        var text = new StringBuilder();
        foreach (var table in TablesOfOurs) AppendRemoval(text, table, present.Of(table));
        return text.Length == 0 ? null : text.ToString();
    }

    private static void AppendRemoval(StringBuilder text, string table, IReadOnlyCollection<string> saved)
    {
        var chains = saved.Where(line => line.StartsWith(':' + ChainPrefix, StringComparison.Ordinal))
            .Select(line => line[1..line.IndexOf(' ', StringComparison.Ordinal)]).ToList();
        var jumps = saved.Where(IsJumpToOurs).ToList();
        if (chains.Count == 0 && jumps.Count == 0) return;
        text.Append('*').Append(table).Append('\n');
        foreach (var jump in jumps) text.Append("-D").Append(jump.AsSpan(2)).Append('\n');
        // First empty all, then delete: a chain that another one still jumps to cannot go.
        foreach (var chain in chains) text.Append("-F ").Append(chain).Append('\n');
        foreach (var chain in chains) text.Append("-X ").Append(chain).Append('\n');
        text.Append("COMMIT\n");
    }

    private static bool IsJumpToOurs(string line) =>
        line.StartsWith("-A ", StringComparison.Ordinal)
        && !line.StartsWith("-A " + ChainPrefix, StringComparison.Ordinal)
        && line.Contains(" -j " + ChainPrefix, StringComparison.Ordinal);
}
