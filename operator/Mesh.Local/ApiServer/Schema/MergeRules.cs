using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// How lists of built-in kinds merge: by which keys apply tells their items apart and by which single key strategic merge
/// patches do. A list that is not here is replaced as a whole, which is Kubernetes' own rule for lists without a key.
/// </summary>
internal static class MergeRules
{
    /// <param name="Unites">Whether strategic merge patches unite plain values, too; not every set does.</param>
    internal sealed record ListRule(string ListType, ImmutableArray<string> Keys, string? MergeKey, bool Unites = false);

    private static readonly FrozenDictionary<string, ListRule> Lists = new Dictionary<string, ListRule>
    {
        ["ObjectMeta.finalizers"] = new("set", [], null, Unites: true),
        ["ObjectMeta.ownerReferences"] = ByKey("uid"),
        ["Container.env"] = ByKey("name"),
        ["Container.ports"] = ByKey("containerPort", "protocol"),
        ["Container.volumeDevices"] = ByKey("devicePath"),
        ["Container.volumeMounts"] = ByKey("mountPath"),
        ["EphemeralContainer.env"] = ByKey("name"),
        ["EphemeralContainer.ports"] = ByKey("containerPort", "protocol"),
        ["EphemeralContainer.volumeMounts"] = ByKey("mountPath"),
        ["EphemeralContainer.volumeDevices"] = ByKey("devicePath"),
        ["ContainerRestartRuleOnExitCodes.values"] = new("set", [], null),
        ["ContainerStatus.allocatedResourcesStatus"] = ByKey("name"),
        ["NodeAllocatableResourceClaimStatus.containers"] = new("set", [], null),
        ["ResourceStatus.resources"] = new("map", ["resourceID"], null),
        ["PodSpec.containers"] = ByKey("name"),
        ["PodSpec.initContainers"] = ByKey("name"),
        ["PodSpec.ephemeralContainers"] = ByKey("name"),
        ["PodSpec.hostAliases"] = ByKey("ip"),
        ["PodSpec.imagePullSecrets"] = ByKey("name"),
        ["PodSpec.schedulingGates"] = ByKey("name"),
        ["PodSpec.resourceClaims"] = ByKey("name"),
        ["PodSpec.topologySpreadConstraints"] = ByKey("topologyKey", "whenUnsatisfiable"),
        ["PodSpec.volumes"] = ByKey("name"),
        ["PodStatus.podIPs"] = ByKey("ip"),
        ["PodStatus.hostIPs"] = new("atomic", [], "ip"),
        ["PodStatus.resourceClaimStatuses"] = ByKey("name"),
        ["ContainerStatus.volumeMounts"] = ByKey("mountPath"),
        ["ResourceRequirements.claims"] = new("map", ["name"], null),
        ["NodeSpec.podCIDRs"] = new("set", [], null, Unites: true),
        ["NodeStatus.addresses"] = ByKey("type"),
        ["ServiceAccount.secrets"] = ByKey("name"),
        ["ServiceSpec.ports"] = ByKey("port", "protocol"),
        ["MutatingWebhookConfiguration.webhooks"] = ByKey("name"),
        ["ValidatingWebhookConfiguration.webhooks"] = ByKey("name"),
        ["MutatingWebhook.matchConditions"] = ByKey("name"),
        ["ValidatingWebhook.matchConditions"] = ByKey("name"),
        ["JobStatus.conditions"] = new("atomic", [], "type"),
        ["CustomResourceDefinitionStatus.conditions"] = new("map", ["type"], null),
    }.ToFrozenDictionary();

    /// <summary>Types that are one value: a changed field changes the whole.</summary>
    public static FrozenSet<string> AtomicTypes { get; } = FrozenSet.ToFrozenSet([
        "ConfigMapKeySelector", "EndpointAddress", "EndpointPort", "FileKeySelector", "LabelSelector", "LocalObjectReference",
        "NodeSelector", "NodeSelectorTerm", "ObjectFieldSelector", "ObjectReference", "OwnerReference", "ResourceFieldSelector",
        "RoleRef", "ScopeSelector", "SecretKeySelector", "SecretReference", "TypedLocalObjectReference"]);

    public static FrozenSet<string> AtomicFields { get; } = FrozenSet.ToFrozenSet([
        "PodSpec.nodeSelector", "ReplicationControllerSpec.selector", "ServiceSpec.selector", "Endpoint.deprecatedTopology"]);

    public static ListRule? ListAt(string place) =>
        Lists.GetValueOrDefault(place) ?? (place.EndsWith("Status.conditions", StringComparison.Ordinal) ? ByKey("type") : null);

    /// <summary>Of several keys a strategic merge patch uses the first.</summary>
    private static ListRule ByKey(params string[] keys) => new("map", [.. keys], keys[0]);
}
