using Mesh.Api;
using Mesh.Api.Extensions;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Api.Telemetry;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// Which rules are this mesh's concern where another one reads the same objects: those that a sidecar of ours was told something of,
/// and those about which there is something to say that are meant for such a pod.
/// </summary>
internal sealed class Concerns
{
    private readonly MeshPlan plan;
    private readonly HashSet<RuleKey> told;
    private readonly List<Workload> pods;
    private readonly HashSet<string> namespaces;

    public Concerns(MeshPlan plan)
    {
        this.plan = plan;
        pods = [.. plan.Pods.Values.Select(pod => pod.Inputs.Workload)];
        namespaces = pods.Select(pod => pod.Key.Namespace).ToHashSet(StringComparer.Ordinal);
        told = plan.Pods.Values.Select(pod => pod.Inputs.Scope).Distinct(ReferenceEqualityComparer.Instance).Cast<ScopePlan>().SelectMany(scope => scope.Contributions.Keys)
            .Concat(plan.Pods.Values.SelectMany(pod => pod.InboundRules)).ToHashSet();
    }

    public bool Has(RuleVerdict verdict)
    {
        if (pods.Count == 0) return false;
        var rule = verdict.Rule;
        return told.Contains(rule) || plan.Parts.Endpoints.SectionsOf(rule).Any() || (!verdict.Findings.IsEmpty && IsFor(rule, verdict.IsForSidecars));
    }

    private bool IsFor(RuleKey rule, bool isForSidecars)
    {
        var (snapshot, key) = (plan.Parts.Snapshot, rule.Object);
        return rule.Kind switch
        {
            RuleKey.VirtualService => isForSidecars && IsSeen(snapshot.VirtualServices.GetValueOrDefault(key)?.Spec.ExportTo, snapshot.Settings.VirtualServiceExportTo.Items, key),
            RuleKey.DestinationRule => IsSeen(snapshot.DestinationRules.GetValueOrDefault(key)?.Spec.ExportTo, snapshot.Settings.DestinationRuleExportTo.Items, key),
            RuleKey.ServiceEntry => IsSeen(snapshot.ServiceEntries.GetValueOrDefault(key)?.Spec.ExportTo, [], key),
            RuleKey.WorkloadEntry => namespaces.Contains(key.Namespace),
            RuleKey.Sidecar => Selects(snapshot.Sidecars.GetValueOrDefault(key)?.Spec.WorkloadSelector?.Labels, key),
            RuleKey.PeerAuthentication => Selects(snapshot.PeerAuthentications.GetValueOrDefault(key)?.Spec.Selector?.MatchLabels, key),
            RuleKey.ProxyConfig => Selects(snapshot.ProxyConfigs.GetValueOrDefault(key)?.Spec.Selector?.MatchLabels, key),
            RuleKey.HealthCheck => namespaces.Contains(key.Namespace),
            _ => snapshot.OfKindsNotYet.TryGetValue(rule, out var written) && IsFor(written.Spec, key),
        };
    }

    // What targetRefs name are gateways and waypoints, which this mesh has none of.
    private bool IsFor(ISpecFromUser spec, ObjectKey key) => spec switch
    {
        GatewaySpec gateway => gateway.Selector.Count > 0 && pods.Any(pod => pod.Labels.Satisfies(LabelSet.Of(gateway.Selector))),
        EnvoyFilterSpec filter => filter.TargetRefs.Count == 0 && Selects(filter.WorkloadSelector?.Labels, key),
        AuthorizationPolicySpec policy => policy.TargetRef is null && policy.TargetRefs.Count == 0 && Selects(policy.Selector?.MatchLabels, key),
        RequestAuthenticationSpec policy => policy.TargetRef is null && policy.TargetRefs.Count == 0 && Selects(policy.Selector?.MatchLabels, key),
        TelemetrySpec policy => policy.TargetRef is null && policy.TargetRefs.Count == 0 && Selects(policy.Selector?.MatchLabels, key),
        WasmPluginSpec policy => policy.TargetRef is null && policy.TargetRefs.Count == 0 && Selects(policy.Selector?.MatchLabels, key),
        TrafficExtensionSpec policy => policy.TargetRefs.Count == 0 && Selects(policy.Selector?.MatchLabels, key),
        _ => namespaces.Contains(key.Namespace),
    };

    private bool IsSeen(IReadOnlyList<string>? exportTo, IReadOnlyList<string> byDefault, ObjectKey key) =>
        namespaces.Any(client => Visibility.Reaches(exportTo is { Count: > 0 } ? exportTo : byDefault, key.Namespace, client));

    private bool Selects(IReadOnlyDictionary<string, string>? labels, ObjectKey key)
    {
        var selector = LabelSet.Of(labels);
        return pods.Any(pod => (pod.Key.Namespace == key.Namespace || key.Namespace == plan.Parts.Snapshot.Settings.RootNamespace) && pod.Labels.Satisfies(selector));
    }
}
