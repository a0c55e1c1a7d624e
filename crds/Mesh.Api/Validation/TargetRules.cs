namespace Mesh.Api.Validation;

/// <summary>Whom a policy is for: pods by labels, or objects by name.</summary>
internal static class TargetRules
{
    private const string DryRunKind = "AuthorizationPolicy";

    private static readonly (string Group, string Kind)[] Known =
        [("gateway.networking.k8s.io", "Gateway"), ("gateway.networking.k8s.io", "GatewayClass"), ("", "Service"), ("core", "Service"), ("networking.istio.io", "ServiceEntry")];

    /// <summary>A selector and references, of which only one may be given.</summary>
    public static void Check(FindingList found, WorkloadSelector? selector, PolicyTargetReference? target, IReadOnlyList<PolicyTargetReference> targets, ObjectHead head)
    {
        if ((selector is null ? 0 : 1) + (target is null ? 0 : 1) + (targets.Count == 0 ? 0 : 1) > 1)
            found.Error("spec", null, "Only one of selector, targetRef and targetRefs may be given.", "Keep one of them.");
        CommonRules.Selector(found, "spec.selector", selector);
        if (target is not null)
            Reference(found, "spec.targetRef", target, head);
        for (var i = 0; i < targets.Count; i++)
            Reference(found, $"spec.targetRefs[{i}]", targets[i], head);
    }

    /// <summary>One reference.</summary>
    public static void Reference(FindingList found, string path, PolicyTargetReference target, ObjectHead head)
    {
        if (!string.IsNullOrEmpty(target.Namespace) && target.Namespace != (head.Namespace ?? "default"))
            found.Error(path + ".namespace", target.Namespace, "An object of another namespace cannot be referred to.", "Remove the namespace, and put the policy beside the object.");
        if (!string.IsNullOrEmpty(target.Kind) && !Known.Contains((target.Group ?? "", target.Kind)))
            found.Error(path + ".kind", string.IsNullOrEmpty(target.Group) ? target.Kind : $"{target.Group}/{target.Kind}", "A policy cannot be attached to this kind.", "Refer to a Gateway or GatewayClass of gateway.networking.k8s.io, a Service, or a ServiceEntry of networking.istio.io.");
        else if (target.Kind == "GatewayClass" && head.Namespace is { } space && space != MeshNames.RootNamespace)
            found.Error(path + ".kind", target.Kind, $"Only policies of the root namespace {MeshNames.RootNamespace} may refer to a GatewayClass.", "Refer to a Gateway.");
    }

    /// <summary>The annotation that has a policy only tell what it would do; one kind alone has such a mode.</summary>
    public static IEnumerable<Finding> NoDryRun(string kind, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (kind != DryRunKind && head.Annotations.TryGetValue(MeshLabels.DryRun, out var value))
            found.Error($"metadata.annotations[{MeshLabels.DryRun}]", value, "This kind has no dry run.", "Remove the annotation.");
        return found.ToList();
    }
}
