using System.Collections.Frozen;
using System.Net;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>The rules of each kind of one server (some keep what they allocated, so two servers share none).</summary>
internal sealed class KindRulesTable
{
    private const string Apps = "apps";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private static readonly KindRules None = new();
    private static readonly KindRules Counting = new SimpleRules(generation: true);
    private readonly FrozenDictionary<(string Group, string Kind), KindRules> rules;

    public KindRulesTable(ApiServerOptions options, ObjectStore store, Authorizer authorizer)
    {
        Addresses = new ServiceAddresses(IPNetwork.Parse(options.ServiceAddresses));
        rules = new Dictionary<(string, string), KindRules>
        {
            [("", "ConfigMap")] = new SecretRules(secret: false),
            [("", "Event")] = new EventRules(),
            [("", "Namespace")] = new NamespaceRules(),
            [("", "Node")] = new SimpleRules(keepsStatus: true),
            [("", "Pod")] = new PodRules(store),
            [("", "Secret")] = new SecretRules(secret: true),
            [("", "Service")] = new ServiceRules(Addresses),
            [(Apps, "DaemonSet")] = new WorkloadRules("DaemonSet"),
            [(Apps, "Deployment")] = new WorkloadRules("Deployment"),
            [(Apps, "ReplicaSet")] = new WorkloadRules("ReplicaSet"),
            [(Apps, "StatefulSet")] = new WorkloadRules("StatefulSet"),
            [("batch", "CronJob")] = new SimpleRules(generation: true),
            [("batch", "Job")] = new WorkloadRules("Job"),
            [("coordination.k8s.io", "Lease")] = new LeaseRules(),
            [("discovery.k8s.io", "EndpointSlice")] = new EndpointSliceRules(),
            [("events.k8s.io", "Event")] = new EventRules(),
            [("policy", "PodDisruptionBudget")] = new DisruptionBudgetRules(),
            [(Rbac, "ClusterRole")] = new RoleRules(authorizer, namespaced: false),
            [(Rbac, "Role")] = new RoleRules(authorizer, namespaced: true),
            [(Rbac, "ClusterRoleBinding")] = new RoleBindingRules(authorizer, namespaced: false),
            [(Rbac, "RoleBinding")] = new RoleBindingRules(authorizer, namespaced: true),
            [(Admission, "MutatingWebhookConfiguration")] = new WebhookConfigurationRules(mutating: true),
            [(Admission, "ValidatingWebhookConfiguration")] = new WebhookConfigurationRules(mutating: false),
            [(Admission, "ValidatingAdmissionPolicy")] = new AdmissionPolicyRules(),
            [(Admission, "ValidatingAdmissionPolicyBinding")] = new PolicyBindingRules(),
            [("apiextensions.k8s.io", "CustomResourceDefinition")] = Definitions,
        }.ToFrozenDictionary();
    }

    public ServiceAddresses Addresses { get; }

    public DefinitionRules Definitions { get; } = new();

    public KindRules For(ApiResource resource) =>
        resource.IsCustom ? None : rules.GetValueOrDefault((resource.Group, resource.Kind), CountsGenerations(resource) ? Counting : None);

    /// <summary>Among the kinds that are only kept.</summary>
    private static bool CountsGenerations(ApiResource resource) => resource.WithoutEffect is not null
        && resource.Kind is "Ingress" or "IngressClass" or "NetworkPolicy" or "PriorityClass" or "MutatingAdmissionPolicy"
            or "MutatingAdmissionPolicyBinding";
}
