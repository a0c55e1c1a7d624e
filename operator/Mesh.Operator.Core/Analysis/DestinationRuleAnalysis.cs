using System.Globalization;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges DestinationRules.</summary>
internal sealed class DestinationRuleAnalysis(PlanParts parts, MutualTlsMismatches mismatches)
{
    private readonly CredentialAnalysis credentials = new(parts.Snapshot);

    private readonly ILookup<string, Workload> podsOf = parts.Snapshot.Workloads.Values.Where(workload => !workload.IsFinished).ToLookup(workload => workload.Key.Namespace, StringComparer.Ordinal);

    private readonly ILookup<(string Namespace, string Host), PolicyEntry> rivals = parts.Policies.Entries.Where(entry => entry.IsValid).ToLookup(entry => (entry.Rule.Namespace, entry.Host));

    public RuleVerdict Judge(PolicyEntry entry)
    {
        var services = entry.IsValid ? Services(entry) : [];
        var missing = entry.IsValid ? Missing(entry, services).Concat(credentials.Missing(entry)).ToList() : [];
        var findings = entry.Problems.Concat(missing.Select(reference => reference.Finding)).Concat(Conflicts(entry)).Concat(Refused(entry)).Concat(entry.IsValid ? credentials.Unmounted(entry) : []);
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = entry.IsValid ? null : ConditionReasons.Invalid,
            Unresolved = Reasons.Of(missing),
            Findings = VirtualServiceAnalysis.Ordered(findings, entry.Rule.Key),
            Hosts = entry.IsValid ? [entry.Host] : [],
            Details = new DestinationRuleStatus { Subsets = Subsets(entry, services) },
        };
    }

    private List<Service> Services(PolicyEntry entry) =>
        parts.Directory.Find(entry.Host) is { } exact ? [exact]
        : HostPattern.IsWildcard(entry.Host) ? [.. parts.Directory.All.Where(service => HostPattern.IsWithin(service.Host, entry.Host))]
        : [];

    private IEnumerable<Reference> Missing(PolicyEntry entry, List<Service> services)
    {
        if (services.Count == 0)
        {
            yield return new Reference(ConditionReasons.HostNotFound, new Finding
            {
                Severity = Severity.Warning,
                Code = FindingCodes.UnknownDestinationRuleHost,
                Path = "spec.host",
                Value = entry.Rule.Spec.Host,
                Message = $"{entry.Host} is no service of the mesh, so the rule has nothing to act on.",
                Remedy = Suggestions.ForHost(entry.Rule.Spec.Host ?? "", entry.Rule.Namespace, parts.Directory.VisibleFrom(entry.Rule.Namespace)),
            });
            yield break;
        }

        for (var i = 0; i < entry.Rule.Spec.Subsets.Count; i++)
        {
            var labels = LabelSet.Of(entry.Rule.Spec.Subsets[i].Labels);
            if (services.Any(service => SelectsSomePod(service, labels))) continue;
            yield return new Reference(ConditionReasons.NoMatchingPods, new Finding
            {
                Severity = Severity.Error,
                Code = FindingCodes.DestinationRuleSubsetNotSelectPods,
                Path = $"spec.subsets[{i}]",
                Value = entry.Rule.Spec.Subsets[i].Name,
                Message = $"No pod of {entry.Host} has the labels {labels} of this subset; requests routed to it answer 503.",
                Remedy = "Correct the labels of the subset, or of the pod template of the Deployment.",
            });
        }
    }

    // Topology labels come from nodes and are not known before a pod runs.
    private bool SelectsSomePod(Service service, LabelSet labels)
    {
        if (service.Selector.IsEmpty) return true;
        var ofPods = LabelSet.Of(labels.Values.Where(label => !label.Key.StartsWith("topology.", StringComparison.Ordinal)));
        return podsOf[service.Key.Namespace].Any(workload => workload.Labels.Satisfies(service.Selector) && workload.Labels.Satisfies(ofPods));
    }

    private IEnumerable<Finding> Conflicts(PolicyEntry entry)
    {
        if (!entry.IsValid || rivals[(entry.Rule.Namespace, entry.Host)].First(other => other.Selector.Equals(entry.Selector)) is var older && ReferenceEquals(older, entry)) yield break;
        yield return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.ConflictingDestinationRule,
            Path = "spec.host",
            Value = entry.Rule.Spec.Host,
            Message = $"DestinationRule {older.Rule.Key.Object} is older and for the same host: of this one only subsets that the older lacks are used, and trafficPolicy if the older has none.",
            Remedy = $"Put all into {older.Rule.Key.Object}.",
        };
    }

    private IEnumerable<Finding> Refused(PolicyEntry entry) => mismatches.OfClients(entry.Rule.Key).Select(mismatch => new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.MutualTlsMismatch,
        Path = $"{mismatch.Path}.mode",
        Value = mismatch.Mode,
        Message = $"{mismatch.Pod} refuses such clients on port {mismatch.Port}: {Why(mismatch)}.",
        Remedy = "Remove tls: sidecars then speak what the pod takes.",
    });

    private static string Why(MutualTlsMismatch mismatch)
    {
        var rule = mismatch.PeerAuthentications.Items.FirstOrDefault();
        if (mismatch.Mode != "ISTIO_MUTUAL") return $"PeerAuthentication {rule.Object} is STRICT";
        return mismatch.PeerAuthentications.Count == 0 ? "it takes no mutual TLS of the mesh, for want of a sidecar or because the port is not captured" : $"PeerAuthentication {rule.Object} or its capture leaves mutual TLS out";
    }

    private string? Subsets(PolicyEntry entry, List<Service> services)
    {
        if (entry.Rule.Spec.Subsets.Count == 0 || !entry.IsValid) return null;
        return string.Join(' ', entry.Rule.Spec.Subsets.Select(subset =>
        {
            var labels = LabelSet.Of(subset.Labels);
            // One pod stands behind each port: its widest port counts.
            var ready = services.Sum(service => parts.Endpoints[service].Groups
                .Select(group => group.Endpoints.Count(member => LabelSet.Of(member.Labels).Satisfies(labels)))
                .DefaultIfEmpty(0).Max());
            return string.Create(CultureInfo.InvariantCulture, $"{subset.Name}:{ready}");
        }));
    }
}
