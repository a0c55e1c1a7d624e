using k8s;
using k8s.Models;
using Mesh.Local.ApiServer;
using Mesh.Local.Controllers;
using Mesh.Operator.Runtime;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests.Controllers;

/// <summary>The controllers over a real embedded API; the test plays the node: it makes pods ready and lets them go.</summary>
public sealed class ControlPlaneTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-control-").FullName;
    private readonly List<Task> _running = [];
    private EmbeddedApiServer _server = null!;
    private KubernetesApi _api = null!;
    private Kubernetes _kubernetes = null!;
    private ClusterView _view = null!;
    private ControlPlane _control = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new ApiServerOptions { Listen = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)], StateDirectory = $"{_directory}/api" }, default);
        _server.WriteKubeconfig($"{_directory}/kubeconfig", new Uri($"https://{_server.EndPoints[0]}"), ApiUser.Admin);
        _kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile($"{_directory}/kubeconfig"));
        _api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile($"{_directory}/kubeconfig"), TimeProvider.System, "test");
        await _api.CreateAsync(new V1Node { Metadata = new V1ObjectMeta { Name = "node-1", Labels = new Dictionary<string, string> { ["disk"] = "fast" } } });
        _view = new ClusterView(_api, TimeProvider.System, Random.Shared, NullLogger.Instance);
        _control = new ControlPlane(_view, _api, _kubernetes, new ControlPlaneOptions(), TimeProvider.System, Random.Shared, NullLogger.Instance);
        _view.Pods.Changed += Play;
        _running.Add(_view.RunAsync(_stop.Token));
        _running.Add(_control.RunAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _control.Dispose();
        _api.Dispose();
        _kubernetes.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_deployment_rolls_from_one_template_to_the_next_without_going_below_what_it_promised()
    {
        var fewest = int.MaxValue;
        var rolling = false;
        _view.Pods.Changed += (_, _) =>
        {
            if (rolling) fewest = Math.Min(fewest, _view.Pods.All.Count(p => PodTemplates.IsReady(p) && p.Metadata.DeletionTimestamp is null));
        };
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1Deployment>("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: default}
            spec:
              replicas: 3
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: c, image: local/host, command: [one]}]}
            """));
        await Done("web", 1);
        rolling = true;
        await _api.PatchAsync<V1Deployment>(new EntityKey("default", "web"), """{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"local/host","command":["two"]}]}}}}""");
        await Done("web", 2);
        Assert.All(Live(), pod => Assert.Equal("two", pod.Spec.Containers[0].Command[0]));
        Assert.True(fewest >= 3, $"only {fewest} were ready at one time");
    }

    [Fact]
    public async Task Endpoints_follow_readiness_and_deletion()
    {
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1Service>("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}"));
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1Pod>("{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default, labels: {app: web}}, spec: {nodeSelector: {disk: fast}, containers: [{name: c, image: local/host}]}}"));
        await Eventually.True(() => Endpoints().Any(e => e.Conditions.Ready == true), "the pod is an endpoint");
        await _api.PatchAsync<V1Pod>(new EntityKey("default", "a"), """{"status":{"conditions":[{"type":"Ready","status":"False"}]}}""", "status");
        await Eventually.True(() => Endpoints().Any(e => e.Conditions.Ready == false && e.Conditions.Serving == false), "and is not ready any more");
    }

    [Fact]
    public async Task A_pod_that_no_node_takes_says_so()
    {
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1Pod>("{apiVersion: v1, kind: Pod, metadata: {name: picky, namespace: default}, spec: {nodeSelector: {disk: slow}, containers: [{name: c, image: local/host}]}}"));
        await Eventually.True(() => _view.Pods.Find("default", "picky")?.Status?.Conditions?.Any(c => c.Type == "PodScheduled" && c.Reason == "Unschedulable") == true, "unschedulable");
    }

    [Fact]
    public async Task A_stateful_set_makes_its_pods_in_order_with_stable_names()
    {
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1StatefulSet>("""
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db, namespace: default}
            spec:
              serviceName: db
              replicas: 2
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec: {containers: [{name: c, image: local/host}]}
            """));
        await Eventually.True(() => _view.StatefulSets.Find("default", "db")?.Status?.ReadyReplicas == 2, "both are ready");
        Assert.Equal(["db-0", "db-1"], Live().Select(p => p.Metadata.Name).Order());
        Assert.Equal(("db-0", "db"), (_view.Pods.Find("default", "db-0")!.Spec.Hostname, _view.Pods.Find("default", "db-0")!.Spec.Subdomain));
    }

    [Fact]
    public async Task A_taint_that_only_keeps_new_pods_away_leaves_the_pod_of_a_daemon_set()
    {
        await _api.CreateAsync(KubernetesYaml.Deserialize<V1DaemonSet>("""
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent, namespace: default}
            spec:
              selector: {matchLabels: {app: agent}}
              template:
                metadata: {labels: {app: agent}}
                spec: {containers: [{name: c, image: local/host}]}
            """));
        await Eventually.True(() => _view.DaemonSets.Find("default", "agent")?.Status is { DesiredNumberScheduled: 1, NumberReady: 1 }, "its pod is ready");

        await TaintAsync("NoSchedule");
        await Eventually.True(() => _view.DaemonSets.Find("default", "agent")?.Status is { DesiredNumberScheduled: 0, NumberMisscheduled: 1 }, "it is not wanted there any more");
        Assert.Single(Live());

        await TaintAsync("NoExecute");
        await Eventually.True(() => !Live().Any(), "it is gone");
    }

    private Task TaintAsync(string effect) =>
        _api.PatchAsync<V1Node>(new EntityKey("", "node-1"), $$$"""{"spec":{"taints":[{"key":"a","value":"b","effect":"{{{effect}}}"}]}}""");

    private IEnumerable<V1Pod> Live() => _view.Pods.All.Where(p => p.Metadata.DeletionTimestamp is null);

    private IEnumerable<V1Endpoint> Endpoints() => _view.EndpointSlices.All.Where(s => s.Metadata.Name.StartsWith("web", StringComparison.Ordinal)).SelectMany(s => s.Endpoints ?? []);

    private Task Done(string name, int revision) => Eventually.True(() => _view.Deployments.Find("default", name) is { Status: { } status } d && status.ObservedGeneration == d.Metadata.Generation
        && d.Metadata.Annotations is { } annotations && annotations.TryGetValue("deployment.kubernetes.io/revision", out var at) && at == $"{revision}"
        && status.UpdatedReplicas == 3 && status.Replicas == 3 && status.AvailableReplicas == 3, $"revision {revision} is rolled out");

    /// <summary>The node's part: a bound pod becomes ready, a deleted one goes.</summary>
    private void Play(V1Pod? before, V1Pod? now)
    {
        if (now is null || string.IsNullOrEmpty(now.Spec.NodeName)) return;
        if (now.Metadata.DeletionTimestamp is not null)
        {
            _ = _kubernetes.CoreV1.DeleteNamespacedPodAsync(now.Metadata.Name, now.Metadata.NamespaceProperty, gracePeriodSeconds: 0);
        }
        else if (now.Status?.PodIP is null)
        {
            _ = _api.PatchAsync<V1Pod>(EntityKey.Of(now.Metadata), """{"status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"True"}]}}""", "status");
        }
    }
}
