using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Webhooks;

/// <summary>What the API server is told to ask, and where.</summary>
public static class WebhookConfigurations
{
    public const string InjectorName = "mesh-injector";
    public const string ValidatorName = "mesh-validator";
    public const string InjectForNamespace = "/inject/namespace";
    public const string InjectForPod = "/inject/pod";

    // A pod of these is needed to bring the operator itself back.
    private static readonly string[] NeverInjected = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

    /// <summary>
    /// The selectors are Istio's: the namespace says enabled; or it names a revision; or it says nothing and the pod asks. A
    /// pod that says false is never sent here, nor is any pod of a namespace that says disabled. Beside another mesh's injector,
    /// whose selectors are the same, only those that name our revision are sent.
    /// </summary>
    public static V1MutatingWebhookConfiguration Injector(OperatorOptions options, byte[] caBundle, InjectionScope scope, InjectionSettings settings)
    {
        var wanted = Metadata(InjectorName);
        wanted.Annotations = new Dictionary<string, string> { [MeshLabels.InjectionSettings] = settings.ToJson() };
        return new V1MutatingWebhookConfiguration { Metadata = wanted, Webhooks = [.. scope.IsEveryone ? ForEveryone(options, caBundle) : ForOwnRevision(options, caBundle)] };
    }

    private static IEnumerable<V1MutatingWebhook> ForEveryone(OperatorOptions options, byte[] caBundle) =>
    [
        Injection(options, caBundle, "namespace.injector.mesh.dev", InjectForNamespace, [In(MeshLabels.Injection, MeshLabels.InjectionEnabled)], [NotIn(MeshLabels.Inject, "false")]),
        Injection(options, caBundle, "revision.injector.mesh.dev", InjectForNamespace, [Absent(MeshLabels.Injection), Present(MeshLabels.Revision)], [NotIn(MeshLabels.Inject, "false")]),
        Injection(options, caBundle, "pod.injector.mesh.dev", InjectForPod, [Absent(MeshLabels.Injection), Absent(MeshLabels.Revision)], [NotIn(MeshLabels.Inject, "false"), Present(MeshLabels.Inject)]),
        Injection(options, caBundle, "pod-revision.injector.mesh.dev", InjectForPod, [Absent(MeshLabels.Injection), Absent(MeshLabels.Revision)], [Absent(MeshLabels.Inject), Present(MeshLabels.Revision)]),
    ];

    private static IEnumerable<V1MutatingWebhook> ForOwnRevision(OperatorOptions options, byte[] caBundle) =>
    [
        Injection(options, caBundle, "revision.injector.mesh.dev", InjectForNamespace, [Absent(MeshLabels.Injection), In(MeshLabels.Revision, MeshLabels.OwnRevision)], [NotIn(MeshLabels.Inject, "false")]),
        Injection(options, caBundle, "pod-revision.injector.mesh.dev", InjectForPod, [Absent(MeshLabels.Injection), Absent(MeshLabels.Revision)], [NotIn(MeshLabels.Inject, "false"), In(MeshLabels.Revision, MeshLabels.OwnRevision)]),
    ];

    public static V1ValidatingWebhookConfiguration Validator(OperatorOptions options, byte[] caBundle, bool serves) => new()
    {
        Metadata = Metadata(ValidatorName),
        Webhooks = [.. ApiKinds.Table.Select(kind => Validation(options, caBundle, $"{kind.Plural}.validator.mesh.dev", PathOf(kind), kind.Group, kind.Plural, serves))],
    };

    /// <summary>Where objects of a kind are judged.</summary>
    public static string PathOf(ApiKind kind) => "/validate/" + kind.Kind.ToLowerInvariant();

    private static V1MutatingWebhook Injection(
        OperatorOptions options, byte[] caBundle, string name, string path, V1LabelSelectorRequirement[] namespaces, V1LabelSelectorRequirement[] pods) => new()
    {
        Name = name,
        ClientConfig = Client(options, caBundle, path),
        AdmissionReviewVersions = ["v1"],
        SideEffects = "None",
        // A pod without the sidecar it should have would bypass the mesh's rules: better none until the operator is back.
        FailurePolicy = "Fail",
        TimeoutSeconds = 5,
        MatchPolicy = "Equivalent",
        // Another webhook may add an init container before ours.
        ReinvocationPolicy = "IfNeeded",
        NamespaceSelector = new V1LabelSelector { MatchExpressions = [.. namespaces, NotIn("kubernetes.io/metadata.name", [options.Namespace, .. NeverInjected])] },
        ObjectSelector = new V1LabelSelector { MatchExpressions = [.. pods] },
        Rules = [new V1RuleWithOperations { ApiGroups = [""], ApiVersions = ["v1"], Resources = ["pods"], Operations = ["CREATE"], Scope = "Namespaced" }],
    };

    private static V1ValidatingWebhook Validation(OperatorOptions options, byte[] caBundle, string name, string path, string group, string resource, bool serves) => new()
    {
        Name = name,
        ClientConfig = Client(options, caBundle, path),
        AdmissionReviewVersions = ["v1"],
        SideEffects = "None",
        // Rules can be stored before the operator first serves; what is wrong with them then stands in their status.
        FailurePolicy = serves ? "Fail" : "Ignore",
        TimeoutSeconds = 5,
        MatchPolicy = "Equivalent",
        NamespaceSelector = new V1LabelSelector(),
        ObjectSelector = new V1LabelSelector(),
        // Status is another resource, which no rule names.
        Rules = [new V1RuleWithOperations { ApiGroups = [group], ApiVersions = ["*"], Resources = [resource], Operations = ["CREATE", "UPDATE"], Scope = "Namespaced" }],
        // Decided by the API server itself, so that labels change, finalizers come off and owners collect while no operator is
        // there to be asked.
        MatchConditions =
        [
            new V1MatchCondition { Name = "spec-changes", Expression = "oldObject == null || has(object.spec) != has(oldObject.spec) || (has(object.spec) && object.spec != oldObject.spec)" },
            new V1MatchCondition { Name = "stays", Expression = "!has(object.metadata.deletionTimestamp)" },
        ],
    };

    private static Admissionregistrationv1WebhookClientConfig Client(OperatorOptions options, byte[] caBundle, string path) => new()
    {
        CaBundle = caBundle,
        Url = options.WebhookUrl is { } url ? new Uri(url, path).ToString() : null,
        Service = options.WebhookUrl is not null ? null : new Admissionregistrationv1ServiceReference
        {
            Name = OperatorOptions.ServiceName,
            NamespaceProperty = options.Namespace,
            Path = path,
            Port = 443,
        },
    };

    private static V1ObjectMeta Metadata(string name) => new()
    {
        Name = name,
        Labels = new Dictionary<string, string> { [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator, [MeshLabels.PartOf] = MeshLabels.PartOfMesh },
    };

    private static V1LabelSelectorRequirement In(string key, params string[] values) => new() { Key = key, OperatorProperty = "In", Values = values };

    private static V1LabelSelectorRequirement NotIn(string key, params string[] values) => new() { Key = key, OperatorProperty = "NotIn", Values = values };

    private static V1LabelSelectorRequirement Present(string key) => new() { Key = key, OperatorProperty = "Exists" };

    private static V1LabelSelectorRequirement Absent(string key) => new() { Key = key, OperatorProperty = "DoesNotExist" };
}
