namespace Mesh.Local.ApiServer.Resources;

/// <summary>Discovery's order of groups: Kubernetes' own as it lists them, then everybody else's by name.</summary>
internal static class GroupOrder
{
    private static readonly List<string> Known =
    [
        "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
        "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io",
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io",
        "discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io",
    ];

    public static int Of(string group) => Known.IndexOf(group) is >= 0 and var place ? place : Known.Count;
}
