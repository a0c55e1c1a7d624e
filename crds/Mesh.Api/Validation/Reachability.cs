using System.Text.Json;
using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Rules, and matches of rules, that no traffic can ever reach because earlier ones take it all.</summary>
internal static class Reachability
{
    /// <summary>All three lists of an object.</summary>
    public static void Check(FindingList found, VirtualServiceSpec spec)
    {
        Check(found, "spec.http", [.. spec.Http.Select(r => r.Match)], MatchCoverage.Covers);
        Check(found, "spec.tls", [.. spec.Tls.Select(r => Texts(r.Match))], string.Equals);
        Check(found, "spec.tcp", [.. spec.Tcp.Select(r => Texts(r.Match))], string.Equals);
    }

    private static void Check<T>(FindingList found, string path, IReadOnlyList<T>[] rules, Func<T, T, bool> covers)
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

            var dead = 0;
            for (var j = 0; j < rules[i].Count; j++)
            {
                var match = rules[i][j];
                if (earlier.FindIndex(e => covers(e.Match, match)) is var at and >= 0)
                {
                    found.Note($"{path}[{i}].match[{j}]", null, $"This match has no effect: rule {earlier[at].Rule} before it takes the same traffic.", "Remove it, or put the narrower rule first.", FindingCodes.VirtualServiceIneffectiveMatch);
                    dead++;
                }

                earlier.Add((i, match));
            }

            if (rules[i].Count > 0 && dead == rules[i].Count)
                found.Warning($"{path}[{i}]", null, "No traffic reaches this rule: rules before it take all it matches.", "Remove it, or put it before them.", FindingCodes.VirtualServiceUnreachableRule);
            if (rules[i].Count == 0)
                catchAll = i;
        }
    }

    // Connections have few conditions: only a match that says exactly the same is taken for covered.
    private static IReadOnlyList<string> Texts<T>(IReadOnlyList<T> matches) =>
        [.. matches.Select(m => JsonSerializer.Serialize(m, ApiJson.Options))];
}
