using System.Collections.Immutable;
using System.Globalization;
using Mesh.Operator.Core.Planning.Continuity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What is said of rules that are not, or not wholly, in force as written, because something else has to come first.</summary>
internal static class HoldRemarks
{
    public static IEnumerable<(RuleKey Rule, string Remark)> Of(RulesInForce inForce) =>
        inForce.Holds.GroupBy(hold => hold.Rule).Select(group => (group.Key, group.Key.Kind == RuleKey.VirtualService ? Waiting(group.First()) : Staying([.. group])));

    private static string Waiting(Hold hold)
    {
        var generation = hold.Generation.ToString(CultureInfo.InvariantCulture);
        var serving = hold.Serving is { } before
            ? $"Still serving generation {before.ToString(CultureInfo.InvariantCulture)}"
            : "Requests go on as if it did not exist";
        return $"{serving} until what generation {generation} names exists, at the longest until {Time(hold.Until)}.";
    }

    private static string Staying(ImmutableArray<Hold> holds) =>
        $"Subsets that were taken away but are still named stay for a moment: {string.Join(", ", holds.Select(hold => $"{hold.Subset} until {Time(hold.Until)}"))}.";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
