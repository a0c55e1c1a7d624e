using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Tests.Servers;
using Mesh.Operator.Webhooks;
using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.Operator.Tests;

/// <summary>
/// What must hold against any API server, without nodes: the operator binary as a process under its account, with the rights of
/// config/rbac within the bounds of config/policy, and a namespace of its own for the objects of each test. The embedded server
/// is held to it like a real one.
/// </summary>
public abstract class ApiServerSuite : IAsyncLifetime
{
    private readonly string _namespace = $"mesh-test-{Guid.NewGuid():N}"[..20];
    private ITestServer _server = null!;
    private KubernetesApi _api = null!;
    private OperatorRights _rights = null!;

    /// <summary>Starts the server or skips the test loudly.</summary>
    protected abstract Task<ITestServer> StartServerAsync();

    public async ValueTask InitializeAsync()
    {
        _server = await StartServerAsync();
        _api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Kubeconfig), TimeProvider.System, "test");
        foreach (var file in Directory.GetFiles(Repository.Path("crds"), "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)))
            await _api.ApplyAsync(KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file)), "test");
        await Eventually.True(() => TriedAsync(() => EveryKind.ListAsync(_api)), "every kind is served");
        _rights = await OperatorRights.GiveAsync(_server);
        await _api.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = _namespace, Labels = new Dictionary<string, string> { [MeshLabels.Injection] = "enabled" } } });
        var service = Make.Service("reviews");
        service.Metadata.NamespaceProperty = _namespace;
        await _api.CreateAsync(service);
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null)
        {
            await _api.DeleteAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName);
            await _api.DeleteAsync<V1ValidatingWebhookConfiguration>(WebhookConfigurations.ValidatorName);
            await _api.DeleteAsync<V1Namespace>(_namespace);
            if (_rights is not null) await _rights.DisposeAsync();
            _api.Dispose();
        }

        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_definitions_are_established_in_every_version()
    {
        foreach (var kind in ApiKinds.Table)
        {
            var name = $"{kind.Plural}.{kind.Group}";
            var definition = (await Eventually.Is(
                () => _api.GetAsync<V1CustomResourceDefinition>(name),
                d => d?.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true, $"{name} established"))!;
            Assert.DoesNotContain(definition.Status.Conditions, c => c is { Type: "NonStructuralSchema", Status: "True" });
            Assert.Equal(kind.Versions.Order(), definition.Spec.Versions.Where(v => v.Served).Select(v => v.Name).Order());
        }
    }

    [Fact]
    public async Task Accepted_and_ResolvedRefs_are_right()
    {
        await using var process = Start();
        await CreateAsync("good", "reviews");
        await CreateAsync("nowhere", "nowhere");
        await StatusAsync("good", s => Is(s, "Accepted", "True") && Is(s, "ResolvedRefs", "True"));
        var status = await StatusAsync("nowhere", s => Is(s, "Accepted", "True") && Is(s, "ResolvedRefs", "False"));
        Assert.All(status.Conditions, c => Assert.Equal(1, c.ObservedGeneration));
        await _api.DeleteAsync<V1Service>("reviews", _namespace);
        await StatusAsync("good", s => Is(s, "ResolvedRefs", "False"));
    }

    [Fact]
    public async Task The_younger_of_two_rules_for_one_host_says_that_it_lost()
    {
        await using var process = Start();
        await CreateAsync("older", "reviews");
        await StatusAsync("older", s => Is(s, "Accepted", "True"));
        // Age is told in whole seconds; in the same second the name decides.
        await CreateAsync("younger", "reviews");
        var status = await StatusAsync("younger", s => Is(s, "Accepted", "False"));
        Assert.Contains("older", status.Conditions.Single(c => c.Type == "Accepted").Message);
    }

    [Fact]
    public async Task A_killed_operator_recovers_everything_from_the_API()
    {
        await using (var first = Start())
        {
            await CreateAsync("reviews", "reviews");
            await StatusAsync("reviews", s => Is(s, "Accepted", "True"));
            await RecordAsync("client-1", create: true);
            await first.KillAsync();
        }

        // While no operator answers, its validator refuses every change; an administrator can take it away.
        await _api.DeleteAsync<V1ValidatingWebhookConfiguration>(WebhookConfigurations.ValidatorName);
        await _api.PatchAsync<V1VirtualService>(Key("reviews"), """{"spec":{"http":[{"timeout":"9s","route":[{"destination":{"host":"reviews"}}]}]}}""");
        await using var second = Start();
        await StatusAsync("reviews", s => s.ObservedGeneration == 2 && Is(s, "Accepted", "True"));
        var record = await Eventually.Is(
            () => _api.GetAsync<V1ConfigMap>("mesh-client-1", _namespace), r => r?.Data?["config.json"].Contains("\"9s\"", StringComparison.Ordinal) == true, "the new config");
        Assert.Equal("2", record!.Metadata.Annotations[MeshLabels.RecordRevision]);
    }

    [Fact]
    public async Task Cut_connections_lose_nothing()
    {
        var server = new Uri(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Kubeconfig).Host);
        await using var proxy = new CuttingProxy(server.Host, server.Port);
        var kubeconfig = Path.GetTempFileName();
        try
        {
            var text = await File.ReadAllTextAsync(_rights.Kubeconfig);
            await File.WriteAllTextAsync(kubeconfig, text.Replace($"{server.Host}:{server.Port}", $"127.0.0.1:{proxy.Port}", StringComparison.Ordinal));
            Needs.Require("cluster", text.Contains($"127.0.0.1:{server.Port}", StringComparison.Ordinal), "needs a server whose certificate is good for 127.0.0.1");
            await using var process = Start(kubeconfig);
            await process.SaysAsync("Everything has been listed");
            for (var i = 0; i < 3; i++)
            {
                proxy.Cut();
                proxy.Closed = i == 1;
                await CreateAsync($"rule-{i}", "reviews");
                if (proxy.Closed) await Task.Delay(500);
                proxy.Closed = false;
                await StatusAsync($"rule-{i}", s => s.Conditions.Count > 0);
            }

            proxy.Cut();
            await _api.DeleteAsync<V1VirtualService>("rule-0", _namespace);
            await StatusAsync("rule-1", s => Is(s, "Accepted", "True"));
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    [Fact]
    public async Task A_standby_takes_over_at_once_from_a_leader_that_ends_and_soon_from_one_that_was_killed()
    {
        await using var first = Start(identity: "first");
        await first.SaysAsync("Leading as first");
        await using var second = Start(identity: "second");
        await second.SaysAsync("Everything has been listed");
        Assert.Equal(0, await first.TerminateAsync());
        await second.SaysAsync("Leading as second");
        await using var third = Start(identity: "third");
        await third.SaysAsync("Everything has been listed");
        await second.KillAsync();
        await third.SaysAsync("Leading as third");
        await CreateAsync("reviews", "reviews");
        await StatusAsync("reviews", s => Is(s, "Accepted", "True"));
    }

    [Fact]
    public async Task An_invalid_rule_is_refused_at_admission()
    {
        Needs.Require("cluster", ReachesUs, "needs an API server that can call webhooks on this machine");
        await using var process = Start();
        await process.SaysAsync("Webhooks are registered");
        var refusal = await Assert.ThrowsAsync<ApiException>(() => _api.CreateAsync(Broken()));
        Assert.Contains("spec.http[0].retries.retryOn", refusal.Message);
    }

    [Fact]
    public async Task An_invalid_rule_that_slipped_in_is_not_accepted_and_says_why()
    {
        await _api.CreateAsync(Broken());
        await using var process = Start();
        var status = await StatusAsync("broken", s => Is(s, "Accepted", "False"));
        Assert.Contains(status.Findings, f => f.Path == "spec.http[0].retries.retryOn" && f.Remedy.Length > 0);
    }

    [Fact]
    public async Task A_pod_of_an_enabled_namespace_gets_a_sidecar_and_then_its_record()
    {
        Needs.Require("cluster", ReachesUs, "needs an API server that can call webhooks on this machine");
        await using var process = Start();
        await process.SaysAsync("Webhooks are registered");
        var pod = await _api.CreateAsync(Pod("web"));
        Assert.Equal(["mesh-init", "mesh-proxy"], pod.Spec.InitContainers.Select(c => c.Name));
        var name = pod.Metadata.Annotations[MeshLabels.Config];
        await Eventually.Is(() => _api.GetAsync<V1ConfigMap>(name, _namespace), r => r is not null, "the record");
        var own = Pod("plain");
        own.Metadata.Labels = new Dictionary<string, string> { [MeshLabels.Inject] = "false" };
        Assert.Null((await _api.CreateAsync(own)).Spec.InitContainers);
    }

    /// <summary>The operator of this suite serves its webhooks on the loopback.</summary>
    private bool ReachesUs => _server.WebhookHost == "127.0.0.1";

    private static bool Is(VirtualServiceStatus status, string type, string value) => status.Conditions.Any(c => c.Type == type && c.Status == value);

    private OperatorProcess Start(string? kubeconfig = null, string identity = "test") => OperatorProcess.Start(kubeconfig ?? _rights.Kubeconfig, ReachesUs, identity);

    private EntityKey Key(string name) => new(_namespace, name);

    private V1Pod Pod(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = _namespace },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "app", Image = "local/host", Command = ["sleep", "1"] }], AutomountServiceAccountToken = false },
    };

    private V1VirtualService Broken()
    {
        var rule = Make.VirtualService("broken", "reviews");
        rule.Metadata.NamespaceProperty = _namespace;
        rule.Spec = rule.Spec with { Http = [rule.Spec.Http[0] with { Retries = new HttpRetry { Attempts = 2, RetryOn = "sometimes" } }] };
        return rule;
    }

    private async Task CreateAsync(string name, string host)
    {
        var rule = Make.VirtualService(name, host);
        rule.Metadata.NamespaceProperty = _namespace;
        // The webhook of an operator that was just killed refuses; as with kubectl, one tries again.
        await Eventually.True(() => TriedAsync(() => _api.CreateAsync(rule)), $"{name} can be created");
    }

    private static async Task<bool> TriedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (ApiException)
        {
            return false;
        }
    }

    private async Task RecordAsync(string pod, bool create)
    {
        var made = Pod(pod);
        // Stamped by hand and kept from the injector: this is about the record alone.
        made.Metadata.Labels = new Dictionary<string, string> { [MeshLabels.Inject] = "false" };
        made.Metadata.Annotations = new Dictionary<string, string> { [MeshLabels.Config] = "mesh-" + pod };
        if (create) await _api.CreateAsync(made);
        await Eventually.Is(() => _api.GetAsync<V1ConfigMap>("mesh-" + pod, _namespace), r => r is not null, $"the record of {pod}");
    }

    private async Task<VirtualServiceStatus> StatusAsync(string name, Func<VirtualServiceStatus, bool> wanted) =>
        (await Eventually.Is(
            async () => (await _api.GetAsync<V1VirtualService>(name, _namespace))?.Status, s => s is not null && wanted(s), $"status of {name}", TimeSpan.FromSeconds(40)))!;
}
