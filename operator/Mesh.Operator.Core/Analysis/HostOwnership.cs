using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Which VirtualService owns a host between sidecars: the oldest that names it, where both are seen.</summary>
internal sealed class HostOwnership(RuleBook rules)
{
    private readonly ILookup<string, VirtualServiceEntry> byHost = rules.Routing
        .SelectMany(entry => entry.Hosts.Select(host => (host, entry)))
        .ToLookup(pair => pair.host, pair => pair.entry, StringComparer.Ordinal);

    // Seen everywhere, and for many hosts: rules that some namespaces alone see may stand within them.
    private readonly List<(string Host, VirtualServiceEntry Entry)> wide =
        [.. rules.Routing.Where(entry => entry.RoutesHttp && IsForAll(entry)).SelectMany(entry => entry.Hosts.Where(HostPattern.IsWildcard).Select(host => (host, entry)))];

    /// <summary>The one that wins this host over the entry, or null.</summary>
    public VirtualServiceEntry? WinnerOver(VirtualServiceEntry entry, string host)
    {
        if (!entry.RoutesHttp) return null;
        foreach (var other in byHost[host]) // the oldest first
        {
            if (ReferenceEquals(other, entry)) return null;
            if (Visibility.Overlap(other.Rule.Spec.ExportTo, other.Rule.Namespace, entry.Rule.Spec.ExportTo, entry.Rule.Namespace)) return other;
        }

        return null;
    }

    public IEnumerable<HostStatus> Of(VirtualServiceEntry entry) =>
        entry.Hosts.Select(host => new HostStatus
        {
            Host = host,
            Owner = !entry.RoutesHttp ? null : (WinnerOver(entry, host) ?? entry).Rule.Key.Object.ToString(),
        });

    public IEnumerable<Finding> Conflicts(VirtualServiceEntry entry)
    {
        for (var i = 0; i < entry.Rule.Spec.Hosts.Count; i++)
        {
            var host = HostNames.Resolve(entry.Rule.Spec.Hosts[i], entry.Rule.Namespace);
            if (WinnerOver(entry, host) is not { } winner)
            {
                foreach (var loser in Losers(entry, host)) yield return Overruling(loser, i, entry.Rule.Spec.Hosts[i]);
                foreach (var overlap in Overlaps(entry, host, i)) yield return overlap;
                continue;
            }

            var age = winner.Rule.Created < entry.Rule.Created ? "is older" : "is as old and comes first by name";
            yield return new Finding
            {
                Severity = Severity.Error,
                Code = FindingCodes.ConflictingMeshGatewayVirtualServiceHosts,
                Path = $"spec.hosts[{i}]",
                Value = entry.Rule.Spec.Hosts[i],
                Message = $"VirtualService {winner.Rule.Key.Object} {age} and routes {host}; these rules have no effect on that host.",
                Remedy = $"Move the rules into {winner.Rule.Key.Object}, or delete one of the two.",
            };
        }
    }

    // Whoever looks at the one in force learns that somebody wanted it otherwise.
    private IEnumerable<VirtualServiceEntry> Losers(VirtualServiceEntry entry, string host) => !entry.RoutesHttp ? [] : byHost[host]
        .SkipWhile(other => !ReferenceEquals(other, entry)).Skip(1)
        .Where(other => Visibility.Overlap(other.Rule.Spec.ExportTo, other.Rule.Namespace, entry.Rule.Spec.ExportTo, entry.Rule.Namespace));

    // Which of the two acts depends on who asks; both owners should know.
    private IEnumerable<Finding> Overlaps(VirtualServiceEntry entry, string host, int i)
    {
        if (!entry.RoutesHttp) return [];
        var others = IsForAll(entry)
            ? !HostPattern.IsWildcard(host) ? [] : rules.Routing.Where(other => other.RoutesHttp && !IsForAll(other) && other.Hosts.Any(narrow => narrow != host && HostPattern.IsWithin(narrow, host)))
            : wide.Where(other => other.Host != host && HostPattern.IsWithin(host, other.Host)).Select(other => other.Entry);
        return others.Where(other => !ReferenceEquals(other, entry)).Distinct().Select(other => new Finding
        {
            Severity = Severity.Info,
            Code = FindingCodes.ConflictingMeshGatewayVirtualServiceHosts,
            Path = $"spec.hosts[{i}]",
            Value = entry.Rule.Spec.Hosts[i],
            Message = $"VirtualService {other.Rule.Key.Object} has hosts that overlap with this one; where both are seen, the narrower name counts.",
            Remedy = "Nothing is to be done if some namespaces are meant to have rules of their own.",
        });
    }

    private static bool IsForAll(VirtualServiceEntry entry) => entry.Rule.Spec.ExportTo.Count == 0 || entry.Rule.Spec.ExportTo.Contains("*");

    private static Finding Overruling(VirtualServiceEntry loser, int i, string written) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.ConflictingMeshGatewayVirtualServiceHosts,
        Path = $"spec.hosts[{i}]",
        Value = written,
        Message = $"VirtualService {loser.Rule.Key.Object} names this host too and came later: its rules have no effect here, these have.",
        Remedy = $"If its rules are wanted, move them here and delete {loser.Rule.Key.Object}.",
    };
}
