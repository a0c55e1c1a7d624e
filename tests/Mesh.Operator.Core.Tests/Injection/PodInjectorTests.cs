using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Tests.Injection;

public sealed class PodInjectorTests
{
    private static readonly InjectionSettings Settings = new();

    [Fact]
    public void Init_and_sidecar_stand_before_the_users_init_containers()
    {
        var pod = Inject(Pods.Plain());
        Assert.Equal(["mesh-init", "mesh-proxy", "prepare"], pod.Spec.InitContainers.Select(c => c.Name));
        Assert.Equal(["web"], pod.Spec.Containers.Select(c => c.Name));
        Assert.Equal("Always", pod.Spec.InitContainers[1].RestartPolicy);
    }

    [Fact]
    public void The_init_container_has_the_rights_it_needs_and_no_others()
    {
        var init = Inject(Pods.Plain()).Spec.InitContainers[0];
        Assert.Equal(0, init.SecurityContext.RunAsUser);
        Assert.False(init.SecurityContext.Privileged);
        Assert.Equal(["NET_ADMIN", "NET_RAW"], init.SecurityContext.Capabilities.Add);
        Assert.Equal(["ALL"], init.SecurityContext.Capabilities.Drop);
        Assert.Null(init.RestartPolicy);
    }

    [Fact]
    public void The_sidecar_runs_as_1337_without_rights_on_a_read_only_root()
    {
        var proxy = Proxy(Pods.Plain());
        Assert.Equal((1337, 1337), (proxy.SecurityContext.RunAsUser, proxy.SecurityContext.RunAsGroup));
        Assert.True(proxy.SecurityContext.ReadOnlyRootFilesystem);
        Assert.True(proxy.SecurityContext.RunAsNonRoot);
        Assert.Equal(["ALL"], proxy.SecurityContext.Capabilities.Drop);
        Assert.Null(proxy.SecurityContext.Capabilities.Add);
        Assert.Equal(("/healthz/ready", "15021", 1, 600), (proxy.StartupProbe.HttpGet.Path, proxy.StartupProbe.HttpGet.Port.Value, proxy.StartupProbe.PeriodSeconds, proxy.StartupProbe.FailureThreshold));
        Assert.Equal("/healthz/ready", proxy.ReadinessProbe.HttpGet.Path);
    }

    [Fact]
    public void The_record_is_mounted_optional_under_the_stamped_name()
    {
        var pod = Inject(Pods.Plain());
        var volume = pod.Spec.Volumes.Single(v => v.Name == "mesh-config");
        Assert.Equal(("mesh-stamp", true), (volume.ConfigMap.Name, volume.ConfigMap.Optional));
        Assert.Equal("mesh-stamp", pod.Metadata.Annotations[MeshLabels.Config]);
        Assert.Contains(Proxy(Pods.Plain()).VolumeMounts, m => m is { Name: "mesh-config", MountPath: "/etc/mesh/config", ReadOnlyProperty: true });
        Assert.Equal(["labels", "annotations"], pod.Spec.Volumes.Single(v => v.Name == "mesh-podinfo").DownwardAPI.Items.Select(i => i.Path));
        Assert.Contains(pod.Spec.Volumes, v => v.Name == "own");
    }

    [Fact]
    public void Who_it_is_comes_by_the_downward_API()
    {
        var env = Proxy(Pods.Plain()).Env;
        Assert.Equal("metadata.uid", env.Single(e => e.Name == "POD_UID").ValueFrom.FieldRef.FieldPath);
        Assert.Equal(
            ["POD_NAME", "POD_NAMESPACE", "POD_UID", "INSTANCE_IP", "NODE_NAME", "SERVICE_ACCOUNT", "MESH_CONFIG_DIR", "MESH_LOG_LEVEL", "DOTNET_GCgen0size"], env.Select(e => e.Name));
    }

    [Fact]
    public void Injecting_twice_is_injecting_once()
    {
        var once = Inject(Pods.Plain());
        var twice = PodInjector.Inject(once, Settings, "mesh-stamp").Pod!;
        Assert.Equal(KubernetesJson.Serialize(once), KubernetesJson.Serialize(twice));
    }

    [Fact]
    public void A_container_that_another_webhook_put_first_goes_behind_ours()
    {
        var once = Inject(Pods.Plain());
        once.Spec.InitContainers = [new V1Container { Name = "other" }, .. once.Spec.InitContainers];
        Assert.Equal(["mesh-init", "mesh-proxy", "other", "prepare"], PodInjector.Inject(once, Settings, "mesh-stamp").Pod!.Spec.InitContainers.Select(c => c.Name));
    }

    [Fact]
    public void The_pod_given_is_not_touched()
    {
        var pod = Pods.Plain();
        var before = KubernetesJson.Serialize(pod);
        Inject(pod);
        Assert.Equal(before, KubernetesJson.Serialize(pod));
    }

    [Fact]
    public void A_foreign_stamp_and_the_revision_of_another_pod_are_replaced()
    {
        var pod = Pods.Plain();
        pod.Metadata.Annotations = new Dictionary<string, string> { [MeshLabels.Config] = "mesh-foreign", [MeshLabels.ConfigRevision] = "9" };
        var injected = Inject(pod);
        Assert.Equal("mesh-stamp", injected.Metadata.Annotations[MeshLabels.Config]);
        Assert.DoesNotContain(MeshLabels.ConfigRevision, injected.Metadata.Annotations.Keys);
    }

    [Fact]
    public void Capture_annotations_become_arguments_of_the_init_container()
    {
        var args = string.Join(' ', Inject(Annotated(
            ("traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0/8, fd00::/8"),
            ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.1.0.0/16"),
            ("traffic.sidecar.istio.io/excludeInboundPorts", "22,8081"),
            ("traffic.sidecar.istio.io/excludeOutboundPorts", "3306"),
            ("traffic.sidecar.istio.io/includeOutboundPorts", "9000"),
            ("traffic.sidecar.istio.io/includeInboundPorts", "80,443"))).Spec.InitContainers[0].Args);
        Assert.Equal(
            "--outbound-port 15001 --inbound-port 15006 --uid 1337 --include-outbound-ranges 10.0.0.0/8,fd00::/8 --exclude-outbound-ranges 10.1.0.0/16 " +
            "--include-outbound-ports 9000 --exclude-outbound-ports 3306 --include-inbound-ports 80,443 --exclude-inbound-ports 15012,15020,15021,15090,22,8081 --redirect-dns",
            args);
    }

    [Fact]
    public void Without_annotations_everything_but_the_sidecars_own_ports_is_captured()
    {
        var args = Inject(Pods.Plain()).Spec.InitContainers[0].Args;
        Assert.Equal("*", args[args.IndexOf("--include-outbound-ranges") + 1]);
        Assert.Equal("*", args[args.IndexOf("--include-inbound-ports") + 1]);
        Assert.Equal("15012,15020,15021,15090", args[args.IndexOf("--exclude-inbound-ports") + 1]);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, "{proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'false'}}", false)]
    [InlineData(false, "proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: \"true\"\n  ISTIO_META_DNS_AUTO_ALLOCATE: \"true\"", true)]
    public void DNS_is_captured_as_the_pod_says_else_as_the_mesh_says(bool mesh, string? pod, bool captured)
    {
        var given = Pods.Plain();
        if (pod is not null) (given.Metadata.Annotations ??= new Dictionary<string, string>())["proxy.istio.io/config"] = pod;
        var result = PodInjector.Inject(given, Settings with { DnsCapture = mesh }, "mesh-stamp");

        Assert.Empty(result.Warnings);
        Assert.Equal(captured, result.Pod!.Spec.InitContainers[0].Args.Contains("--redirect-dns"));
    }

    [Theory]
    [InlineData("proxyMetadata: {ISTIO_META_DNS_CAPTURE: perhaps}", "neither")]
    [InlineData("- a", "an object with fields")]
    [InlineData("a: [b", "no YAML")]
    [InlineData("proxyMetadata: true", "an object with fields")]
    [InlineData("concurrency: many", "no number of threads")]
    [InlineData("terminationDrainDuration: 5", "no duration")]
    [InlineData("proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: maybe}", "neither")]
    [InlineData("proxyMetadata: {MINIMUM_DRAIN_DURATION: soon}", "no duration")]
    [InlineData("proxyMetadata: {MESH_CONFIG_DIR: /tmp}", "set by the injector")]
    public void A_proxy_config_that_cannot_be_read_is_refused(string yaml, string problem)
    {
        var pod = Pods.Plain();
        (pod.Metadata.Annotations ??= new Dictionary<string, string>())["proxy.istio.io/config"] = yaml;
        Assert.Contains(problem, Assert.Single(PodInjector.Inject(pod, Settings, "mesh-stamp").Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0/8")]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/33")]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundIPRanges", "*")]
    [InlineData("traffic.sidecar.istio.io/excludeInboundPorts", "http")]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundPorts", "0")]
    [InlineData("traffic.sidecar.istio.io/includeInboundPorts", "70000")]
    [InlineData("sidecar.istio.io/proxyCPU", "much")]
    [InlineData("sidecar.istio.io/logLevel", "loud")]
    [InlineData("sidecar.istio.io/proxyMemory", "-1")]
    [InlineData("sidecar.istio.io/rewriteAppHTTPProbers", "perhaps")]
    [InlineData("sidecar.istio.io/interceptionMode", "NONE")]
    [InlineData("inject.istio.io/templates", "gateway")]
    [InlineData("readiness.status.sidecar.istio.io/periodSeconds", "0")]
    [InlineData("readiness.status.sidecar.istio.io/failureThreshold", "often")]
    [InlineData("readiness.status.sidecar.istio.io/initialDelaySeconds", "-1")]
    [InlineData("sidecar.istio.io/userVolume", "certs")]
    [InlineData("sidecar.istio.io/userVolumeMount", "{}}")]
    public void A_malformed_annotation_refuses_the_pod_and_names_it(string name, string value)
    {
        var result = PodInjector.Inject(Annotated((name, value)), Settings, "mesh-stamp");
        Assert.Null(result.Pod);
        Assert.Contains(name, Assert.Single(result.Problems));
        Assert.Contains($"\"{value}\"", result.Problems[0]);
    }

    [Fact]
    public void All_malformed_annotations_are_named_at_once() =>
        Assert.Equal(3, PodInjector.Inject(Annotated(
            ("traffic.sidecar.istio.io/excludeInboundPorts", "http,0"), ("sidecar.istio.io/logLevel", "loud")), Settings, "mesh-stamp").Problems.Length);

    [Theory]
    [InlineData("sidecar.istio.io/interceptionMode", "TPROXY")]
    [InlineData("proxy.istio.io/config", "meshId: four")]
    [InlineData("sidecar.istio.io/componentLogLevel", "misc:error")]
    [InlineData("sidecar.istio.io/agentLogLevel", "default:debug")]
    [InlineData("sidecar.istio.io/proxyImageType", "distroless")]
    [InlineData("sidecar.istio.io/nativeSidecar", "false")]
    [InlineData("status.sidecar.istio.io/port", "15099")]
    [InlineData("readiness.status.sidecar.istio.io/applicationPorts", "8080")]
    [InlineData("proxy.istio.io/overrides", "{}")]
    [InlineData("sidecar.istio.io/noSuchThing", "1")]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundPort", "1")]
    public void An_annotation_this_version_does_not_act_on_is_warned_of(string name, string value) =>
        Assert.Contains(name, Assert.Single(PodInjector.Inject(Annotated((name, value)), Settings, "mesh-stamp").Warnings));

    [Fact]
    public void The_token_is_for_one_audience_and_mounted_in_the_sidecar_only()
    {
        var pod = Inject(Pods.Plain());
        var token = Assert.Single(pod.Spec.Volumes.Single(v => v.Name == "mesh-token").Projected.Sources).ServiceAccountToken;
        Assert.Equal(("mesh-ca", 43200L, "token"), (token.Audience, token.ExpirationSeconds, token.Path));
        var mounting = pod.Spec.InitContainers.Concat(pod.Spec.Containers).Where(c => (c.VolumeMounts ?? []).Any(m => m.Name == "mesh-token"));
        Assert.Equal(["mesh-proxy"], mounting.Select(c => c.Name));
        Assert.Contains(Proxy(Pods.Plain()).VolumeMounts, m => m is { Name: "mesh-token", ReadOnlyProperty: true } && $"{m.MountPath}/{token.Path}" == WellKnown.TokenFile);
    }

    [Fact]
    public void Trust_is_mounted_before_anything_runs_and_keys_stay_in_memory()
    {
        var pod = Inject(Pods.Plain());
        var trust = pod.Spec.Volumes.Single(v => v.Name == "mesh-trust").ConfigMap;
        Assert.Equal(("mesh-root", false), (trust.Name, trust.Optional));
        Assert.Contains(Proxy(Pods.Plain()).VolumeMounts, m => m is { Name: "mesh-trust", MountPath: "/etc/mesh/trust", ReadOnlyProperty: true });
        var data = pod.Spec.Volumes.Single(v => v.Name == "mesh-data").EmptyDir;
        Assert.Equal(("Memory", "64Mi"), (data.Medium, data.SizeLimit.ToString()));
        Assert.Contains(Proxy(Pods.Plain()).VolumeMounts, m => m is { Name: "mesh-data", MountPath: "/var/run/mesh" });
    }

    [Fact]
    public void The_pod_says_that_its_sidecar_takes_mutual_TLS()
    {
        var pod = Inject(Pods.Plain());
        Assert.Equal("mutual", pod.Metadata.Labels["mesh.dev/tls-mode"]);
        Assert.Contains(15012, Proxy(Pods.Plain()).Ports.Select(port => port.ContainerPort));
    }

    [Fact]
    public void Resources_image_and_log_level_can_be_set_by_annotation()
    {
        var proxy = Proxy(Annotated(("sidecar.istio.io/proxyMemoryLimit", "64Mi"), ("sidecar.istio.io/proxyImage", "own/sidecar:1"), ("sidecar.istio.io/logLevel", "debug")));
        Assert.Equal("64Mi", proxy.Resources.Limits["memory"].ToString());
        Assert.Null(proxy.Resources.Requests);
        Assert.Equal("own/sidecar:1", proxy.Image);
        Assert.Equal("debug", proxy.Env.Single(e => e.Name == "MESH_LOG_LEVEL").Value);
    }

    [Theory]
    [InlineData("sidecar.istio.io/interceptionMode", "REDIRECT")]
    [InlineData("sidecar.istio.io/nativeSidecar", "true")]
    [InlineData("status.sidecar.istio.io/port", "15020")]
    [InlineData("inject.istio.io/templates", "sidecar")]
    [InlineData("sidecar.istio.io/rewriteAppHTTPProbers", "True")]
    [InlineData("example.org/anything", "1")]
    public void What_is_so_anyway_and_what_is_not_Istios_is_not_spoken_of(string name, string value)
    {
        var result = PodInjector.Inject(Annotated((name, value)), Settings, "mesh-stamp");
        Assert.Empty(result.Warnings);
        Assert.Equal(KubernetesJson.Serialize(Inject(Pods.Plain()).Spec), KubernetesJson.Serialize(result.Pod!.Spec));
    }

    [Fact]
    public void The_sidecars_readiness_can_be_asked_otherwise()
    {
        var probe = Proxy(Annotated(
            ("readiness.status.sidecar.istio.io/initialDelaySeconds", "7"), ("readiness.status.sidecar.istio.io/periodSeconds", "8"), ("readiness.status.sidecar.istio.io/failureThreshold", "9"))).ReadinessProbe;
        Assert.Equal((7, 8, 9), (probe.InitialDelaySeconds, probe.PeriodSeconds, probe.FailureThreshold));
        Assert.Equal((1, 600), (Proxy(Pods.Plain()).StartupProbe.PeriodSeconds, Proxy(Pods.Plain()).StartupProbe.FailureThreshold));
    }

    [Fact]
    public void The_pod_counts_in_telemetry_as_its_labels_say_else_as_its_workload()
    {
        var pod = Pods.Plain();
        Assert.Equal(("web", "latest"), Canonical(pod));
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "a", ["app.kubernetes.io/name"] = "b", ["version"] = "v1" };
        Assert.Equal(("b", "v1"), Canonical(pod));
        pod.Metadata.Labels["service.istio.io/canonical-name"] = "own";
        pod.Metadata.Labels["app.kubernetes.io/version"] = "v2";
        Assert.Equal(("own", "v2"), Canonical(pod));
        pod.Metadata.Labels = new Dictionary<string, string> { ["pod-template-hash"] = "5d4f" };
        pod.Metadata.OwnerReferences = [new V1OwnerReference { Kind = "ReplicaSet", Name = "shop-5d4f", Controller = true }];
        Assert.Equal(("shop", "latest"), Canonical(pod));

        static (string, string) Canonical(V1Pod pod)
        {
            var labels = Inject(pod).Metadata.Labels;
            return (labels["service.istio.io/canonical-name"], labels["service.istio.io/canonical-revision"]);
        }
    }

    [Fact]
    public void Other_meshes_are_not_told_that_the_pod_speaks_their_mutual_TLS()
    {
        var pod = Pods.Plain();
        pod.Metadata.Labels["security.istio.io/tlsMode"] = "istio";
        var result = PodInjector.Inject(pod, Settings, "mesh-stamp");
        Assert.DoesNotContain("security.istio.io/tlsMode", result.Pod!.Metadata.Labels.Keys);
        Assert.Contains("security.istio.io/tlsMode", Assert.Single(result.Warnings));
    }

    [Fact]
    public void What_makes_many_pods_gets_no_stamp_and_no_record()
    {
        var stamped = Inject(Pods.Plain());
        var pod = PodInjector.Inject(stamped, Settings, null).Pod!;
        Assert.DoesNotContain(MeshLabels.Config, pod.Metadata.Annotations.Keys);
        var volume = pod.Spec.Volumes.Single(v => v.Name == "mesh-config");
        Assert.Equal((null, "Memory"), (volume.ConfigMap?.Name, volume.EmptyDir.Medium));
        Assert.True(InjectionPolicy.HasSidecar(pod.Spec));
    }

    private static V1Pod Annotated(params (string Name, string Value)[] annotations)
    {
        var pod = Pods.Plain();
        pod.Metadata.Annotations = annotations.ToDictionary(a => a.Name, a => a.Value);
        return pod;
    }

    private static V1Pod Inject(V1Pod pod) => PodInjector.Inject(pod, Settings, "mesh-stamp").Pod!;

    private static V1Container Proxy(V1Pod pod) => Inject(pod).Spec.InitContainers.Single(c => c.Name == "mesh-proxy");
}
