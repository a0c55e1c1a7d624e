using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Tests.Injection;

public sealed class AppProbesTests
{
    [Fact]
    public void Every_probe_and_hook_that_a_kubelet_would_dial_is_turned_to_the_sidecar()
    {
        var pod = Injected(Web(container =>
        {
            container.Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8080 }];
            container.LivenessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/live?deep=1", Port = "http", Scheme = "HTTPS", HttpHeaders = [new V1HTTPHeader { Name = "X-Probe", Value = "$(one)" }] }, TimeoutSeconds = 3, PeriodSeconds = 7 };
            container.ReadinessProbe = new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 6379 } };
            container.StartupProbe = new V1Probe { Grpc = new V1GRPCAction { Port = 9000, Service = "health" }, FailureThreshold = 30 };
            container.Lifecycle = new V1Lifecycle
            {
                PostStart = new V1LifecycleHandler { HttpGet = new V1HTTPGetAction { Port = 8080 } },
                PreStop = new V1LifecycleHandler { TcpSocket = new V1TCPSocketAction { Port = "http" } },
            };
        }));
        var web = pod.Spec.Containers[0];
        Assert.Equal(("/app-health/web/livez", "15020", null), (web.LivenessProbe.HttpGet.Path, web.LivenessProbe.HttpGet.Port.Value, web.LivenessProbe.HttpGet.Scheme));
        Assert.Equal((3, 7), (web.LivenessProbe.TimeoutSeconds, web.LivenessProbe.PeriodSeconds));
        Assert.Equal(("/app-health/web/readyz", null), (web.ReadinessProbe.HttpGet.Path, web.ReadinessProbe.TcpSocket));
        Assert.Equal(("/app-health/web/startupz", null, 30), (web.StartupProbe.HttpGet.Path, web.StartupProbe.Grpc, web.StartupProbe.FailureThreshold));
        Assert.Equal(("/app-lifecycle/web/poststartz", "/app-lifecycle/web/prestopz"), (web.Lifecycle.PostStart.HttpGet.Path, web.Lifecycle.PreStop.HttpGet.Path));
        Assert.Null(web.Lifecycle.PreStop.TcpSocket);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {
                  "/app-health/web/livez": {"httpGet": {"path": "/live?deep=1", "port": 8080, "scheme": "HTTPS", "httpHeaders": [{"name": "X-Probe", "value": "$(one)"}]}, "timeoutSeconds": 3},
                  "/app-health/web/readyz": {"tcpSocket": {"port": 6379}, "timeoutSeconds": 1},
                  "/app-health/web/startupz": {"grpc": {"port": 9000, "service": "health"}, "timeoutSeconds": 1},
                  "/app-lifecycle/web/poststartz": {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}},
                  "/app-lifecycle/web/prestopz": {"tcpSocket": {"port": 8080}}
                }
                """),
            JsonNode.Parse(Variable(pod)!)), Variable(pod));
    }

    [Fact]
    public void Kubernetes_finds_nothing_to_expand_in_the_variable() =>
        Assert.DoesNotContain('$', Variable(Injected(Web(container => container.LivenessProbe = Get("/$(HOME)"))))!);

    [Fact]
    public void A_native_sidecar_of_the_applications_own_is_asked_through_ours_too()
    {
        var pod = Web(_ => { });
        pod.Spec.InitContainers = [new V1Container { Name = "cache", RestartPolicy = "Always", ReadinessProbe = Get("/ready") }];
        var injected = Injected(pod);
        Assert.Equal("/app-health/cache/readyz", injected.Spec.InitContainers.Single(c => c.Name == "cache").ReadinessProbe.HttpGet.Path);
        Assert.Equal("/healthz/ready", injected.Spec.InitContainers.Single(c => c.Name == "mesh-proxy").ReadinessProbe.HttpGet.Path);
    }

    [Fact]
    public void What_runs_in_the_container_or_asks_another_host_stays()
    {
        var pod = Web(container =>
        {
            container.LivenessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["true"] } };
            container.ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Host = "example.com", Path = "/", Port = 80 } };
            container.Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Sleep = new V1SleepAction { Seconds = 1 } } };
        });
        var injected = Injected(pod);
        Assert.Equal(KubernetesJson.Serialize(pod.Spec.Containers), KubernetesJson.Serialize(injected.Spec.Containers));
        Assert.Null(Variable(injected));
    }

    [Fact]
    public void Injected_again_the_originals_are_neither_lost_nor_rewritten_twice()
    {
        var once = Injected(Web(container => container.LivenessProbe = Get("/live")));
        Assert.Equal(KubernetesJson.Serialize(once), KubernetesJson.Serialize(Injected(once)));
    }

    [Fact]
    public void A_probe_that_another_webhook_adds_later_is_rewritten_beside_the_others()
    {
        var once = Injected(Web(container => container.LivenessProbe = Get("/live")));
        once.Spec.Containers.Add(new V1Container { Name = "late", ReadinessProbe = Get("/late") });
        Assert.Equal(["/app-health/late/readyz", "/app-health/web/livez"], JsonNode.Parse(Variable(Injected(once))!)!.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    public void A_probe_taken_out_or_written_anew_since_takes_the_place_of_the_old()
    {
        var once = Injected(Web(container => (container.LivenessProbe, container.ReadinessProbe) = (Get("/live"), Get("/ready"))));
        (once.Spec.Containers[0].LivenessProbe, once.Spec.Containers[0].ReadinessProbe) = (null, Get("/better"));
        var kept = JsonNode.Parse(Variable(Injected(once))!)!.AsObject();
        Assert.Equal("/better", Assert.Single(kept).Value!["httpGet"]!["path"]!.ToString());
    }

    [Fact]
    public void The_annotation_keeps_probes_as_they_are_and_gives_back_rewritten_ones()
    {
        var pod = Web(container => (container.LivenessProbe, container.ReadinessProbe) = (Get("/live"), new V1Probe { Grpc = new V1GRPCAction { Port = 9000 }, TimeoutSeconds = 2 }));
        var once = Injected(pod);
        (once.Metadata.Annotations ??= new Dictionary<string, string>())["sidecar.istio.io/rewriteAppHTTPProbers"] = "false";
        var kept = Injected(once);
        Assert.Equal(("/live", "8080"), (kept.Spec.Containers[0].LivenessProbe.HttpGet.Path, kept.Spec.Containers[0].LivenessProbe.HttpGet.Port.Value));
        Assert.Equal((9000, 2, null), (kept.Spec.Containers[0].ReadinessProbe.Grpc.Port, kept.Spec.Containers[0].ReadinessProbe.TimeoutSeconds, kept.Spec.Containers[0].ReadinessProbe.HttpGet));
        Assert.Null(Variable(kept));
    }

    [Fact]
    public void A_tcpSocket_probe_that_stays_is_warned_of_because_the_sidecar_would_answer_it()
    {
        var pod = Web(container => container.ReadinessProbe = new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 6379 } });
        Assert.Empty(Result(pod).Warnings);
        pod.Metadata.Annotations = new Dictionary<string, string> { ["sidecar.istio.io/rewriteAppHTTPProbers"] = "false" };
        Assert.Contains("spec.containers[0].readinessProbe.tcpSocket", Assert.Single(Result(pod).Warnings));
        pod.Metadata.Annotations["traffic.sidecar.istio.io/excludeInboundPorts"] = "6379";
        Assert.Empty(Result(pod).Warnings);
    }

    [Fact]
    public void A_named_port_that_no_container_has_is_warned_of_and_left()
    {
        var result = Result(Web(container => container.LivenessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Port = "http" } }));
        Assert.Equal("http", result.Pod!.Spec.Containers[0].LivenessProbe.HttpGet.Port.Value);
        Assert.Contains("spec.containers[0].livenessProbe: the container has no port named \"http\"", Assert.Single(result.Warnings));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"/app-health/web/livez": {}}""")]
    [InlineData("""{"/app-health/web/livez": null}""")]
    public void A_variable_that_nobody_of_ours_wrote_is_not_believed(string value)
    {
        var once = Injected(Web(container => container.LivenessProbe = Get("/live")));
        once.Spec.InitContainers.Single(c => c.Name == "mesh-proxy").Env.Single(e => e.Name == "MESH_APP_PROBES").Value = value;
        Assert.Contains("/app-health/web/livez", Assert.Single(Result(once).Warnings));
    }

    private static V1Pod Web(Action<V1Container> change)
    {
        var pod = Pods.Plain();
        change(pod.Spec.Containers[0]);
        return pod;
    }

    private static V1Probe Get(string path) => new() { HttpGet = new V1HTTPGetAction { Path = path, Port = 8080 } };

    private static InjectionResult Result(V1Pod pod) => PodInjector.Inject(pod, new InjectionSettings(), "mesh-stamp");

    private static V1Pod Injected(V1Pod pod) => Result(pod).Pod!;

    private static string? Variable(V1Pod pod) => pod.Spec.InitContainers.Single(c => c.Name == "mesh-proxy").Env.SingleOrDefault(e => e.Name == "MESH_APP_PROBES")?.Value;
}
