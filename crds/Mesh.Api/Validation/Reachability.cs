using System.Text.Json;
using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Rules, and matches of rules, that no traffic can ever reach because earlier ones take it all.</summary>
internal static class Reachability
{
    /// <summary>All three lists of an object.</summary>
    public static void Check(FindingList found, VirtualServiceSpec spec)
    {
        Check(found, "spec.http", [.. spec.Http.Select(r => r.Match)], MatchCoverage.Covers, IsSame, MatchCoverage.IsPrefixOfPrefix);
        Check(found, "spec.tls", [.. spec.Tls.Select(r => Texts(r.Match))], string.Equals, string.Equals, string.Equals);
        Check(found, "spec.tcp", [.. spec.Tcp.Select(r => Texts(r.Match))], string.Equals, string.Equals, string.Equals);
    }

    // Istio's codes are for what Istio sees: a match that is repeated, and a prefix within a prefix. What is covered in
    // another way, or a rule that is covered without being repeated, has a code of its own.
    private static void Check<T>(FindingList found, string path, IReadOnlyList<T>[] rules, Func<T, T, bool> covers, Func<T, T, bool> same, Func<T, T, bool> within)
    {
        var earlier = new List<(int Rule, T Match)>();
        int? catchAll = null;
        for (var i = 0; i < rules.Length; i++)
        {
            if (catchAll is { } all)
            {
                found.Warning($"{path}[{i}]", null, $"No traffic reaches this rule: rule {all} before it takes everything.", $"Move {path}[{all}] to the end.", FindingCodes.VirtualServiceUnreachableRule);
                continue;
            }

            var (dead, repeated) = (0, 0);
            for (var j = 0; j < rules[i].Count; j++)
            {
                var match = rules[i][j];
                if (earlier.FindIndex(e => covers(e.Match, match)) is var at and >= 0)
                {
                    found.Note($"{path}[{i}].match[{j}]", null, $"This match has no effect: rule {earlier[at].Rule} before it takes the same traffic.", "Remove it, or put the narrower rule first.",
                        same(earlier[at].Match, match) || within(earlier[at].Match, match) ? FindingCodes.VirtualServiceIneffectiveMatch : FindingCodes.CoveredByEarlierRule);
                    dead++;
                    if (earlier.Any(e => same(e.Match, match))) repeated++;
                }

                earlier.Add((i, match));
            }

            if (rules[i].Count > 0 && dead == rules[i].Count)
                found.Warning($"{path}[{i}]", null, "No traffic reaches this rule: rules before it take all it matches.", "Remove it, or put it before them.", repeated == dead ? FindingCodes.VirtualServiceUnreachableRule : FindingCodes.CoveredByEarlierRule);
            if (rules[i].Count == 0)
                catchAll = i;
        }
    }

    private static bool IsSame(HttpMatchRequest a, HttpMatchRequest b) => Text(a with { Name = null }) == Text(b with { Name = null });

    // Connections have few conditions: only a match that says exactly the same is taken for covered.
    private static IReadOnlyList<string> Texts<T>(IReadOnlyList<T> matches) =>
        [.. matches.Select(Text)];

    private static string Text<T>(T match) => JsonSerializer.Serialize(match, ApiJson.Options);
}
