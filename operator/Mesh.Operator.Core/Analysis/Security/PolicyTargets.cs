using Mesh.Api;
using Mesh.Api.Extensions;
using Mesh.Api.Security;
using Mesh.Api.Telemetry;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Security;

/// <summary>
/// AuthorizationPolicies for no pod (IST0127) or about namespaces that do not exist (IST0101), and policies of any kind that
/// mean a gateway of the Gateway API by its labels, which has no effect there (IST0166).
/// </summary>
internal sealed class PolicyTargets : IAnalyser
{
    private const string GatewayName = "gateway.networking.k8s.io/gateway-name";

    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        mesh.Of<AuthorizationPolicySpec>().SelectMany(policy => Selected(policy, mesh.Snapshot).Concat(Namespaces(policy, mesh.Snapshot)))
            .Concat(mesh.Of<AuthorizationPolicySpec>().Select(policy => OnGateway(policy.Key, policy.Spec.Selector, policy.Spec.TargetRef, policy.Spec.TargetRefs, mesh)).OfType<Finding>())
            .Concat(mesh.Of<RequestAuthenticationSpec>().Select(policy => OnGateway(policy.Key, policy.Spec.Selector, policy.Spec.TargetRef, policy.Spec.TargetRefs, mesh)).OfType<Finding>())
            .Concat(mesh.Of<TelemetrySpec>().Select(policy => OnGateway(policy.Key, policy.Spec.Selector, policy.Spec.TargetRef, policy.Spec.TargetRefs, mesh)).OfType<Finding>())
            .Concat(mesh.Of<WasmPluginSpec>().Select(policy => OnGateway(policy.Key, policy.Spec.Selector, policy.Spec.TargetRef, policy.Spec.TargetRefs, mesh)).OfType<Finding>());

    private static IEnumerable<Finding> Selected(Written<AuthorizationPolicySpec> policy, MeshSnapshot snapshot)
    {
        var selector = LabelSet.Of(policy.Spec.Selector?.MatchLabels);
        var isForMesh = policy.Namespace == snapshot.Settings.RootNamespace;
        if ((isForMesh && selector.IsEmpty) || policy.Spec.TargetRef is not null || policy.Spec.TargetRefs.Count > 0) yield break;
        if (snapshot.Workloads.Values.Any(workload => (isForMesh || workload.Key.Namespace == policy.Namespace) && !workload.IsFinished && workload.Labels.Satisfies(selector))) yield break;
        var place = isForMesh ? "the mesh" : policy.Namespace;
        yield return Found.Warning(FindingCodes.NoMatchingWorkloadsFound, policy.Resource, selector.IsEmpty ? "metadata.namespace" : "spec.selector", selector.IsEmpty ? policy.Namespace : selector,
            selector.IsEmpty ? $"No pod runs in {place}, so it acts on none." : $"No pod of {place} has these labels, so it acts on none.", "Correct the labels or the namespace, or delete it.");
    }

    private static IEnumerable<Finding> Namespaces(Written<AuthorizationPolicySpec> policy, MeshSnapshot snapshot)
    {
        var known = snapshot.Namespaces.Keys.Concat(snapshot.Workloads.Keys.Select(pod => pod.Namespace)).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < (policy.Spec.Rules?.Count ?? 0); i++)
        {
            for (var j = 0; j < (policy.Spec.Rules![i].From?.Count ?? 0); j++)
            {
                if (policy.Spec.Rules[i].From![j].Source is not { } source) continue;
                foreach (var (list, field) in new[] { (source.Namespaces, "namespaces"), (source.NotNamespaces, "notNamespaces") })
                {
                    for (var k = 0; k < list.Count; k++)
                    {
                        if (known.Any(name => Fits(list[k], name))) continue;
                        yield return Found.Error(FindingCodes.ReferencedResourceNotFound, policy.Resource, $"spec.rules[{i}].from[{j}].source.{field}[{k}]", list[k],
                            "There is no such namespace, so this means nobody.", "Correct the name, or create the namespace.");
                    }
                }
            }
        }
    }

    private static bool Fits(string pattern, string name) =>
        pattern == "*" || (pattern.StartsWith('*') ? name.EndsWith(pattern[1..], StringComparison.Ordinal) : pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern);

    private static Finding? OnGateway(RuleKey policy, WorkloadSelector? selector, PolicyTargetReference? target, IReadOnlyList<PolicyTargetReference> targets, Inventory mesh)
    {
        if (selector is not { MatchLabels.Count: > 0 } || target is not null || targets.Count > 0) return null;
        var labels = LabelSet.Of(selector.MatchLabels);
        var isMeant = mesh.Snapshot.Workloads.Values.Any(workload =>
            (policy.Object.Namespace == mesh.Snapshot.Settings.RootNamespace || workload.Key.Namespace == policy.Object.Namespace) && workload.Labels[GatewayName] is not null && workload.Labels.Satisfies(labels));
        return !isMeant ? null : Found.Warning(FindingCodes.IneffectiveSelector, policy.ToString(), "spec.selector", labels,
            "These labels are those of pods that serve a Gateway of the Gateway API, which takes policies by targetRefs only.", "Write targetRefs with kind Gateway and its name.");
    }
}
