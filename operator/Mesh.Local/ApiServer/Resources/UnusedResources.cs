using System.Collections.Immutable;
using static Mesh.Local.ApiServer.Resources.BuiltInResources;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>
/// Kinds that manifests bring along and this cluster does nothing with. They are kept as any other kind, so that a chart with
/// one of them applies, shows and deletes as everywhere; and whoever writes one is told in a warning that it has no effect here.
/// </summary>
internal static class UnusedResources
{
    private const string Network = "networking.k8s.io";
    private const string Storage = "storage.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private const string NoVolumes = "volumes of storage classes are not provided";
    private const string NoPolicies = "mutating admission policies are not evaluated; use a webhook";
    private const string NoIngress = "nothing serves ingresses; use the mesh's gateways";

    public static ImmutableArray<ApiResource> All { get; } =
    [
        Core("LimitRange", "limitranges", "limits").Without("limits are not enforced"),
        Core("PersistentVolume", "persistentvolumes", "pv").Cluster().WithStatus().Without(NoVolumes),
        Core("PersistentVolumeClaim", "persistentvolumeclaims", "pvc").WithStatus().Without(NoVolumes),
        Core("PodTemplate", "podtemplates").Without("nothing makes pods of it"),
        Core("ResourceQuota", "resourcequotas", "quota").WithStatus().Without("quotas are not enforced"),
        Of("apiregistration.k8s.io", "APIService", "apiservices").Cluster().WithStatus().InCategory("api-extensions")
            .Without("requests are not forwarded to other API servers"),
        Of("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "v2", ["hpa"]).WithStatus().InCategory("all")
            .Without("nothing is scaled by load"),
        Of(Network, "IngressClass", "ingressclasses").Cluster().Without(NoIngress),
        Of(Network, "Ingress", "ingresses", "ing").WithStatus().Without(NoIngress),
        Of(Network, "NetworkPolicy", "networkpolicies", "netpol").Without("traffic between pods is not filtered"),
        Of(Storage, "CSIDriver", "csidrivers").Cluster().Without(NoVolumes),
        Of(Storage, "CSINode", "csinodes").Cluster().Without(NoVolumes),
        Of(Storage, "CSIStorageCapacity", "csistoragecapacities").Without(NoVolumes),
        Of(Storage, "StorageClass", "storageclasses", "sc").Cluster().Without(NoVolumes),
        Of(Storage, "VolumeAttachment", "volumeattachments").Cluster().WithStatus().Without(NoVolumes),
        Of(Storage, "VolumeAttributesClass", "volumeattributesclasses", "vac").Cluster().Without(NoVolumes),
        Of(Admission, "MutatingAdmissionPolicy", "mutatingadmissionpolicies").Cluster().InCategory("api-extensions").Without(NoPolicies),
        Of(Admission, "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings").Cluster().InCategory("api-extensions").Without(NoPolicies),
        Of("scheduling.k8s.io", "PriorityClass", "priorityclasses", "pc").Cluster().Without("pods are not preempted"),
        Of("node.k8s.io", "RuntimeClass", "runtimeclasses").Cluster().Without("there is one container runtime"),
    ];

    private static ApiResource Without(this ApiResource resource, string why) => resource with { WithoutEffect = why };

    private static ApiResource InCategory(this ApiResource resource, string category) => resource with { Categories = [category] };
}
