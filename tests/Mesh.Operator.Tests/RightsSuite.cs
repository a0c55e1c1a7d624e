using System.Net;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Webhooks;
using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.Operator.Tests;

/// <summary>
/// What the operator's account may not do, on any API server, and what nobody else may: the other half of
/// <see cref="ApiServerSuite"/>, in which the operator does its work with these very rights. Whatever is asked here is asked as a
/// dry run: a server that let it pass is not changed.
/// </summary>
public abstract class RightsSuite : IAsyncLifetime
{
    private const string Record = "mesh-0123456789abcdef";
    private readonly string _namespace = $"mesh-test-{Guid.NewGuid():N}"[..20];
    private ITestServer _server = null!;
    private OperatorRights _rights = null!;
    private KubernetesApi _admin = null!;
    private Kubernetes _operator = null!;

    /// <summary>Starts the server or skips the test loudly.</summary>
    protected abstract Task<ITestServer> StartServerAsync();

    public async ValueTask InitializeAsync()
    {
        _server = await StartServerAsync();
        _rights = await OperatorRights.GiveAsync(_server);
        _admin = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Kubeconfig), TimeProvider.System, "test");
        _operator = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_rights.Kubeconfig));
        await _admin.CreateAsync(Make.Namespace(_namespace));
    }

    public async ValueTask DisposeAsync()
    {
        if (_admin is not null)
        {
            await _admin.DeleteAsync<V1Namespace>(_namespace);
            _admin.Dispose();
            _operator.Dispose();
        }

        if (_rights is not null) await _rights.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_clusters_name_server_cannot_be_reconfigured()
    {
        if (await _admin.GetAsync<V1ConfigMap>("coredns", "kube-system") is null)
            await _admin.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "coredns", NamespaceProperty = "kube-system" }, Data = new Dictionary<string, string> { ["Corefile"] = "." } });
        var maps = _operator.CoreV1;
        var present = await maps.ReadNamespacedConfigMapAsync("coredns", "kube-system");
        present.Data["Corefile"] = "evil";
        const string Why = "so not coredns";
        await DeniedAsync(() => maps.ReplaceNamespacedConfigMapAsync(present, "coredns", "kube-system", dryRun: "All"), Why);
        await DeniedAsync(() => maps.DeleteNamespacedConfigMapAsync("coredns", "kube-system", dryRun: "All"), Why);
        present.Metadata = new V1ObjectMeta { Name = "coredns", Labels = Ours() };
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(present, "kube-system", dryRun: "All"), Why);
    }

    [Fact]
    public async Task ConfigMaps_are_the_operators_only_by_name_and_label()
    {
        var maps = _operator.CoreV1;
        V1ConfigMap Map(string name, bool labelled) => new() { Metadata = new V1ObjectMeta { Name = name, Labels = labelled ? Ours() : null } };
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(Map("settings", true), _namespace, dryRun: "All"), "named mesh-… and no others");
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(Map(MeshNames.SettingsConfigMap, true), MeshNames.SystemNamespace, dryRun: "All"), "named mesh-… and no others");
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(Map(Record, false), _namespace, dryRun: "All"), "carries the label");
        Assert.NotNull(await maps.CreateNamespacedConfigMapAsync(Map(Record, true), _namespace, dryRun: "All"));
        var foreign = Map("mesh-of-somebody", false);
        foreign.Metadata.NamespaceProperty = _namespace;
        await _admin.CreateAsync(foreign);
        await DeniedAsync(() => maps.ReplaceNamespacedConfigMapAsync(Map("mesh-of-somebody", true), "mesh-of-somebody", _namespace, dryRun: "All"), "was not made by the operator");
        await DeniedAsync(() => maps.DeleteNamespacedConfigMapAsync("mesh-of-somebody", _namespace, dryRun: "All"), "was not made by the operator");
    }

    [Fact]
    public async Task Of_a_pod_only_the_meshs_annotations_may_change()
    {
        await AccountAsync("default");
        await _admin.CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = _namespace, Annotations = new Dictionary<string, string> { ["note"] = "x", [MeshLabels.ConfigRevision] = "1" } },
            Spec = new V1PodSpec { NodeSelector = new Dictionary<string, string> { ["nowhere"] = "true" }, Containers = [new V1Container { Name = "web", Image = "web:1" }] },
        });
        Task<V1Pod> PatchAsync(string patch) =>
            _operator.CoreV1.PatchNamespacedPodAsync(new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), "web", _namespace, dryRun: "All");
        var bumped = await PatchAsync("""{"metadata":{"annotations":{"mesh.dev/config-revision":"2"}}}""");
        Assert.Equal("2", bumped.Metadata.Annotations[MeshLabels.ConfigRevision]);
        await PatchAsync("""{"metadata":{"annotations":{"mesh.dev/config-revision":null}}}""");
        const string Annotations = "no annotations of a pod but mesh.dev/…";
        await DeniedAsync(() => PatchAsync("""{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}"""), Annotations);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"annotations":{"note":"y"}}}"""), Annotations);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"annotations":{"note":null}}}"""), Annotations);
        const string Rest = "nothing of a pod but the annotations mesh.dev/…";
        await DeniedAsync(() => PatchAsync("""{"metadata":{"labels":{"app":"other"}}}"""), Rest);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"finalizers":["mesh.dev/hold"]}}"""), Rest);
        await DeniedAsync(() => PatchAsync("""{"spec":{"containers":[{"name":"web","image":"evil:1"}]}}"""), Rest);
        await ForbiddenAsync(() => _operator.CoreV1.DeleteNamespacedPodAsync("web", _namespace, dryRun: "All"));
    }

    [Fact]
    public async Task Secrets_are_read_and_written_by_name_alone()
    {
        var secrets = _operator.CoreV1;
        await _admin.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "password", NamespaceProperty = _namespace } });
        await ForbiddenAsync(() => secrets.ReadNamespacedSecretAsync("password", _namespace));
        await ForbiddenAsync(() => secrets.ListNamespacedSecretAsync(_namespace));
        await ForbiddenAsync(() => secrets.ListSecretForAllNamespacesAsync());
        await ForbiddenAsync(() => secrets.ListNamespacedSecretAsync("kube-system"));
        await ForbiddenAsync(() => secrets.ListNamespacedSecretAsync(MeshNames.SystemNamespace));
        await ForbiddenAsync(() => secrets.ReadNamespacedSecretAsync("password", MeshNames.SystemNamespace));
        V1Secret Secret(string name) => new() { Metadata = new V1ObjectMeta { Name = name } };
        await DeniedAsync(() => secrets.CreateNamespacedSecretAsync(Secret("password"), MeshNames.SystemNamespace, dryRun: "All"), "and no others, so not password");
        await ForbiddenAsync(() => secrets.CreateNamespacedSecretAsync(Secret(MeshNames.AuthoritySecret), _namespace, dryRun: "All"));
    }

    [Fact]
    public async Task Webhooks_and_leases_are_its_own_and_see_what_it_needs()
    {
        var webhooks = _operator.AdmissionregistrationV1;
        var options = new OperatorOptions { Identity = "test", WebhookUrl = new Uri("https://127.0.0.1:9443") };
        var injector = WebhookConfigurations.Injector(options, [], Mesh.Operator.Core.Injection.InjectionScope.Everyone, new Mesh.Operator.Core.Injection.InjectionSettings());
        injector.Metadata.Name = "another";
        await DeniedAsync(() => webhooks.CreateMutatingWebhookConfigurationAsync(injector, dryRun: "All"), "writes mesh-injector alone, so not another");
        injector.Metadata.Name = WebhookConfigurations.InjectorName;
        injector.Webhooks[0].Rules[0].Resources = ["secrets"];
        await DeniedAsync(() => webhooks.CreateMutatingWebhookConfigurationAsync(injector, dryRun: "All"), "sees new pods and nothing else");
        var validator = WebhookConfigurations.Validator(options, [], serves: false);
        validator.Webhooks[0].Rules[0].ApiGroups = ["*"];
        await DeniedAsync(() => webhooks.CreateValidatingWebhookConfigurationAsync(validator, dryRun: "All"), "sees the kinds of the mesh and nothing else");
        var lease = new V1Lease { Metadata = new V1ObjectMeta { Name = "another" } };
        await DeniedAsync(() => _operator.CoordinationV1.CreateNamespacedLeaseAsync(lease, MeshNames.SystemNamespace, dryRun: "All"), "so not another");
        await ForbiddenAsync(() => _operator.CoordinationV1.CreateNamespacedLeaseAsync(lease, "kube-system", dryRun: "All"));
    }

    [Fact]
    public void Kubectl_says_what_the_account_may()
    {
        string Ask(params string[] words) => Command.Run(
            Needs.Program("kubectl", "kubectl, 1.27 or later"), ["--kubeconfig", _rights.Kubeconfig, "auth", "can-i", .. words], null,
            new Dictionary<string, string> { ["HOME"] = Path.GetTempPath() }, TimeSpan.FromSeconds(60)).Output.Trim();
        foreach (var question in new[] { "get secrets -A", "list secrets -n mesh-system", "delete pods -A", "create pods -n mesh-system", "create clusterroles", "patch nodes", "update deployments.apps -A", "create namespaces", "create pods --subresource=exec -A", "impersonate users", "create serviceaccounts --subresource=token -n kube-system", "* *" })
            Assert.True(Ask(question.Split(' ')) == "no", $"kubectl auth can-i {question}: {Ask(question.Split(' '))}");
        foreach (var question in new[] { "get secrets/mesh-ca -n mesh-system", "list pods -A", "patch pods -A", "create configmaps -A", "create events.events.k8s.io -A", "update leases.coordination.k8s.io -n mesh-system" })
            Assert.True(Ask(question.Split(' ')) == "yes", $"kubectl auth can-i {question}: {Ask(question.Split(' '))}");
        var list = Ask("--list", "-n", _namespace);
        Assert.Contains("configmaps", list, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_else_writes_a_record_though_he_may_edit_ConfigMaps()
    {
        using var editor = await EditorAsync();
        var maps = editor.CoreV1;
        const string Why = "the record of a sidecar's configuration, which the operator of the mesh alone writes";
        V1ConfigMap Map(string name, Dictionary<string, string>? labels = null) => new() { Metadata = new V1ObjectMeta { Name = name, Labels = labels }, Data = new Dictionary<string, string> { ["k"] = "v" } };
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(Map(Record), _namespace, dryRun: "All"), Why);
        await DeniedAsync(() => maps.CreateNamespacedConfigMapAsync(Map("mine", new() { [MeshLabels.Record] = MeshLabels.RecordProxyConfig }), _namespace, dryRun: "All"), Why);
        Assert.NotNull(await maps.CreateNamespacedConfigMapAsync(Map("mesh-of-mine"), _namespace));
        // Nor a label put on later.
        await DeniedAsync(() => maps.ReplaceNamespacedConfigMapAsync(Map("mesh-of-mine", new() { [MeshLabels.Record] = "x" }), "mesh-of-mine", _namespace, dryRun: "All"), Why);

        var record = Map(Record, Ours());
        record.Metadata.Labels[MeshLabels.Record] = MeshLabels.RecordProxyConfig;
        record.Metadata.Finalizers = ["example.com/hold"];
        await _operator.CoreV1.CreateNamespacedConfigMapAsync(record, _namespace);
        Task<V1ConfigMap> PatchAsync(string patch) => maps.PatchNamespacedConfigMapAsync(new V1Patch(patch, V1Patch.PatchType.MergePatch), Record, _namespace);
        await DeniedAsync(() => PatchAsync("""{"data":{"k":"evil"}}"""), Why);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"labels":{"mesh.dev/record":null}}}"""), Why);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"annotations":{"a":"b"}}}"""), Why);
        await DeniedAsync(() => PatchAsync("""{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}]}}"""), Why);
        // An administrator neither; but what is to go can go.
        var refusal = await Assert.ThrowsAsync<ApiException>(() => _admin.PatchAsync<V1ConfigMap>(new EntityKey(_namespace, Record), """{"data":{"k":"evil"}}"""));
        Assert.Contains(Why, refusal.Message, StringComparison.Ordinal);
        await maps.DeleteNamespacedConfigMapAsync(Record, _namespace);
        await PatchAsync("""{"metadata":{"finalizers":null}}""");
        await Eventually.True(async () => await _admin.GetAsync<V1ConfigMap>(Record, _namespace) is null, "the record is gone");
    }

    private static Dictionary<string, string> Ours() => new() { [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator };

    /// <summary>Refused by a policy, with these words.</summary>
    private static async Task DeniedAsync(Func<Task> call, string words)
    {
        var refusal = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(call);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
        Assert.Contains("ValidatingAdmissionPolicy 'mesh-", refusal.Response.Content, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Response.Content, StringComparison.Ordinal);
    }

    /// <summary>Refused by RBAC.</summary>
    private static async Task ForbiddenAsync(Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(call);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
        Assert.Contains($"User \\\"{OperatorRights.Account}\\\" cannot", refusal.Response.Content, StringComparison.Ordinal);
    }

    /// <summary>Where there are no controllers nobody makes the account that pods run as.</summary>
    private async Task AccountAsync(string name)
    {
        if (_server.RunsControllers) await Eventually.True(async () => await _admin.GetAsync<V1ServiceAccount>(name, _namespace) is not null, "the namespace has its account");
        else if (await _admin.GetAsync<V1ServiceAccount>(name, _namespace) is null) await _admin.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = _namespace } });
    }

    /// <summary>Somebody who may edit what is in the namespace, as Kubernetes' own role says it.</summary>
    private async Task<Kubernetes> EditorAsync()
    {
        await _admin.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "editor", NamespaceProperty = _namespace } });
        await _admin.CreateAsync(new V1RoleBinding
        {
            Metadata = new V1ObjectMeta { Name = "editor", NamespaceProperty = _namespace },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "edit" },
            Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = "editor", NamespaceProperty = _namespace }],
        });
        using var admin = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Kubeconfig));
        var token = await admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec() }, "editor", _namespace);
        var given = KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Kubeconfig);
        var editor = new Kubernetes(new KubernetesClientConfiguration { Host = given.Host, SslCaCerts = given.SslCaCerts, SkipTlsVerify = given.SkipTlsVerify, AccessToken = token.Status.Token });
        await Eventually.Passes(() => editor.CoreV1.ListNamespacedConfigMapAsync(_namespace), "the editor may look");
        return editor;
    }
}
