using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// What Go's types of the built-in kinds do that the client library's do not tell: which structs stand inside others by value
/// (so they are always there and nobody creates them), which times show themselves as null, and which have microseconds.
/// </summary>
internal static class GoShapes
{
    private static readonly FrozenSet<string> Embedded = FrozenSet.ToFrozenSet([
        "Binding.target", "Container.resources", "ContainerStatus.lastState", "ContainerStatus.state", "CronJobSpec.jobTemplate",
        "CustomResourceDefinitionSpec.names", "CustomResourceDefinitionStatus.acceptedNames", "DaemonSetSpec.updateStrategy",
        "DeploymentSpec.strategy", "Endpoint.conditions", "EphemeralContainer.resources", "Event.involvedObject", "Event.source",
        "Event.regarding", "Event.deprecatedSource", "IngressStatus.loadBalancer", "MutatingWebhook.clientConfig",
        "NetworkPolicySpec.podSelector", "NodeDaemonEndpoints.kubeletEndpoint", "NodeStatus.daemonEndpoints", "NodeStatus.nodeInfo",
        "PersistentVolumeClaimSpec.resources", "PodSpec.containers", "PreferredSchedulingTerm.preference", "RoleBinding.roleRef",
        "ClusterRoleBinding.roleRef", "ServiceStatus.loadBalancer", "StatefulSetSpec.updateStrategy",
        "ValidatingWebhook.clientConfig", "WeightedPodAffinityTerm.podAffinityTerm"]);

    private static readonly FrozenDictionary<string, ImmutableArray<string>> NullTimes = new Dictionary<string, ImmutableArray<string>>
    {
        ["ContainerStateRunning"] = ["startedAt"],
        ["ContainerStateTerminated"] = ["startedAt", "finishedAt"],
        ["CustomResourceDefinitionCondition"] = ["lastTransitionTime"],
        ["DaemonSetCondition"] = ["lastTransitionTime"],
        ["DeploymentCondition"] = ["lastUpdateTime", "lastTransitionTime"],
        ["JobCondition"] = ["lastProbeTime", "lastTransitionTime"],
        ["NamespaceCondition"] = ["lastTransitionTime"],
        ["NodeCondition"] = ["lastHeartbeatTime", "lastTransitionTime"],
        ["PersistentVolumeClaimCondition"] = ["lastProbeTime", "lastTransitionTime"],
        ["PodCondition"] = ["lastProbeTime", "lastTransitionTime"],
        ["ReplicaSetCondition"] = ["lastTransitionTime"],
        ["ReplicationControllerCondition"] = ["lastTransitionTime"],
        ["StatefulSetCondition"] = ["lastTransitionTime"],
        ["Condition"] = ["lastTransitionTime"],
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> MicroTimes = FrozenSet.ToFrozenSet([
        "Event.eventTime", "EventSeries.lastObservedTime", "LeaseSpec.acquireTime", "LeaseSpec.renewTime"]);

    private static readonly FrozenSet<string> ShownWhenEmpty = FrozenSet.ToFrozenSet([
        "ClusterRole.rules", "CustomResourceDefinitionSpec.versions", "CustomResourceDefinitionStatus.conditions",
        "CustomResourceDefinitionStatus.storedVersions", "EndpointSlice.endpoints", "EndpointSlice.ports", "Endpoint.addresses",
        "HTTPIngressRuleValue.paths", "LimitRangeSpec.limits", "MutatingWebhook.admissionReviewVersions", "NodeSelector.nodeSelectorTerms",
        "PodSpec.containers", "PolicyRule.verbs", "Role.rules", "ValidatingWebhook.admissionReviewVersions"]);

    /// <summary>A kind's metadata, spec and status and a template are structs by value everywhere.</summary>
    public static bool IsEmbedded(string place) =>
        place[(place.IndexOf('.', StringComparison.Ordinal) + 1)..] is "metadata" or "spec" or "status" or "template"
        || Embedded.Contains(place) || ShownWhenEmpty.Contains(place);

    public static ImmutableArray<string> NullWhenAbsent(string type) => NullTimes.GetValueOrDefault(type, []);

    public static bool IsShownWhenEmpty(string place) => ShownWhenEmpty.Contains(place);

    public static bool IsMicroTime(string place) => MicroTimes.Contains(place);
}
