using System.Collections.Immutable;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>
/// The kinds this server knows without a definition and does something with: those a mesh and its users' manifests need. What
/// is neither here nor in <see cref="UnusedResources"/> is not served, and a request for it is answered as an API server
/// answers for a kind it does not have.
/// </summary>
internal static class BuiltInResources
{
    private const string Apps = "apps";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";

    public static ImmutableArray<ApiResource> All { get; } =
    [
        Asked("", "Binding", "bindings") with { Namespaced = true },
        Core("ConfigMap", "configmaps", "cm"),
        Core("Endpoints", "endpoints", "ep").Deprecated("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice") with { Singular = "endpoints" },
        Core("Event", "events", "ev"),
        Core("Namespace", "namespaces", "ns").Cluster().WithStatus() with
        {
            Actions = ["finalize"],
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        },
        Core("Node", "nodes", "no").Cluster().WithStatus(),
        Core("Pod", "pods", "po").WithStatus() with
        {
            Categories = ["all"],
            Actions = ["attach", "binding", "eviction", "exec", "log", "portforward"],
        },
        Core("ReplicationController", "replicationcontrollers", "rc").WithStatus().WithScale() with { Categories = ["all"] },
        Core("Secret", "secrets"),
        Core("ServiceAccount", "serviceaccounts", "sa") with { Actions = ["token"] },
        Core("Service", "services", "svc").WithStatus() with { Categories = ["all"] },

        Of(Apps, "ControllerRevision", "controllerrevisions"),
        Of(Apps, "DaemonSet", "daemonsets", "ds").WithStatus() with { Categories = ["all"] },
        Of(Apps, "Deployment", "deployments", "deploy").WithStatus().WithScale() with { Categories = ["all"] },
        Of(Apps, "ReplicaSet", "replicasets", "rs").WithStatus().WithScale() with { Categories = ["all"] },
        Of(Apps, "StatefulSet", "statefulsets", "sts").WithStatus().WithScale() with { Categories = ["all"] },

        Asked("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
        Asked("authentication.k8s.io", "TokenReview", "tokenreviews"),
        Asked("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews") with { Namespaced = true },
        Asked("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
        Asked("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
        Asked("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews"),

        Of("batch", "CronJob", "cronjobs", "cj").WithStatus() with { Categories = ["all"], WithoutEffect = "nothing is started by a schedule" },
        Of("batch", "Job", "jobs").WithStatus() with { Categories = ["all"] },

        Of("coordination.k8s.io", "Lease", "leases"),
        Of("discovery.k8s.io", "EndpointSlice", "endpointslices"),
        Of("events.k8s.io", "Event", "events", "ev") with { StoredAs = "events" },
        Of("policy", "PodDisruptionBudget", "poddisruptionbudgets", "pdb").WithStatus(),

        Of(Rbac, "ClusterRoleBinding", "clusterrolebindings").Cluster(),
        Of(Rbac, "ClusterRole", "clusterroles").Cluster(),
        Of(Rbac, "RoleBinding", "rolebindings"),
        Of(Rbac, "Role", "roles"),

        Of(Admission, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations").Cluster() with
        {
            Categories = ["api-extensions"],
        },
        Of(Admission, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations").Cluster() with
        {
            Categories = ["api-extensions"],
        },
        Of(Admission, "ValidatingAdmissionPolicy", "validatingadmissionpolicies").Cluster().WithStatus() with { Categories = ["api-extensions"] },
        Of(Admission, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings").Cluster() with { Categories = ["api-extensions"] },
        Of("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", "crd", "crds").Cluster().WithStatus() with
        {
            Categories = ["api-extensions"],
        },
    ];

    public static ApiResource Core(string kind, string plural, params string[] shortNames) => Of("", kind, plural, shortNames);

    private static ApiResource Asked(string group, string kind, string plural) =>
        Of(group, kind, plural).Cluster() with { Verbs = ["create"] };

    public static ApiResource Of(string group, string kind, string plural, params string[] shortNames) =>
        Of(group, kind, plural, "v1", shortNames);

    public static ApiResource Of(string group, string kind, string plural, string version, string[] shortNames) => new()
    {
        Group = group,
        Kind = kind,
        Plural = plural,
        Singular = kind.ToLowerInvariant(),
        ShortNames = [.. shortNames],
        Versions = [new ServedVersion { Name = version, Schema = BuiltInSchemas.For(group, version, kind) }],
    };

    public static ApiResource Cluster(this ApiResource resource) => resource with { Namespaced = false };

    public static ApiResource WithStatus(this ApiResource resource) => resource with
    {
        Versions = [.. resource.Versions.Select(version => version with { HasStatus = true })],
    };

    private static ApiResource Deprecated(this ApiResource resource, string warning) => resource with
    {
        Versions = [.. resource.Versions.Select(version => version with { DeprecationWarning = warning })],
    };

    private static ApiResource WithScale(this ApiResource resource) => resource with
    {
        Versions = [.. resource.Versions.Select(version => version with { Scale = ScalePaths.Workload })],
    };
}
