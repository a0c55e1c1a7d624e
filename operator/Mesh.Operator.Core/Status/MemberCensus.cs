using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// The members of services that sidecars leave out, from their reports. Each sidecar judges by itself, so a member is named
/// once with how many saw it so.
/// </summary>
internal sealed class MemberCensus(MeshPlan plan, IReadOnlyDictionary<ObjectKey, ProxyObservation> proxies)
{
    /// <summary>Most members named one by one.</summary>
    public const int MostNamed = 20;

    private readonly Lazy<ILookup<string, MemberReport>> byHost = new(() => plan.Pods.Keys
        .Select(pod => proxies.GetValueOrDefault(pod)).OfType<ProxyObservation>()
        .Where(seen => seen.UnreachableSince is null && seen.Report is { Members.IsDefaultOrEmpty: false })
        .SelectMany(seen => seen.Report!.Members)
        .ToLookup(member => HostOf(member.Cluster), StringComparer.Ordinal));

    /// <summary>Whether anybody leaves anybody out: mostly not, and then there is nothing to look for.</summary>
    public bool IsEmpty => byHost.Value.Count == 0;

    /// <summary>Members of these hosts that at least one sidecar leaves out for this reason, one line each, in order.</summary>
    public ImmutableArray<string> Of(ImmutableArray<string> hosts, MemberCondition condition)
    {
        if (IsEmpty || hosts.IsEmpty) return [];
        return
        [
            .. byHost.Value.Where(group => hosts.Any(host => HostPattern.IsWithin(group.Key, host))).SelectMany(group => group)
                .Where(member => member.Condition == condition)
                .GroupBy(member => member.Address, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(Line),
        ];
    }

    /// <summary>How many members the services of these hosts have.</summary>
    public int Total(ImmutableArray<string> hosts) => plan.Parts.Directory.All
        .Where(service => hosts.Any(host => HostPattern.IsWithin(service.Host, host)))
        .SelectMany(service => plan.Parts.Endpoints[service].Groups).SelectMany(group => group.Endpoints)
        .Select(member => (member.Address, member.Port)).Distinct().Count();

    /// <summary>As many as a status holds, with a last line for the rest.</summary>
    public static IReadOnlyList<string> Named(ImmutableArray<string> lines) =>
        lines.Length <= MostNamed ? lines : [.. lines.Take(MostNamed - 1), string.Create(CultureInfo.InvariantCulture, $"and {lines.Length - MostNamed + 1} more")];

    private static string Line(IGrouping<string, MemberReport> reports)
    {
        // The same member stands in the cluster of the whole host and in those of subsets.
        var first = reports.OrderBy(report => report.Since).First();
        var seen = reports.GroupBy(report => report.Cluster, StringComparer.Ordinal).Max(group => group.Count());
        var who = first.Pod.Length == 0 ? reports.Key : $"{reports.Key} ({first.Pod})";
        return string.Create(CultureInfo.InvariantCulture, $"{who}: {first.Reason}, seen by {(seen == 1 ? "1 proxy" : $"{seen} proxies")}");
    }

    // outbound|PORT|SUBSET|HOST
    private static string HostOf(string cluster) => cluster[(cluster.LastIndexOf('|') + 1)..];
}
