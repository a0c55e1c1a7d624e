using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>How sidecars are started: MeshConfig, the kind ProxyConfig, and a pod's annotation.</summary>
public sealed class ProxyStartTests
{
    private const string Threads = "DOTNET_PROCESSOR_COUNT";

    [Fact]
    public void A_pods_annotation_sets_threads_drain_and_environment_of_its_sidecar()
    {
        var env = Environment(Pod("web", """
            concurrency: 3
            terminationDrainDuration: 1m30s
            proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true", MINIMUM_DRAIN_DURATION: 1m, TZ: Europe/Berlin}
            holdApplicationUntilProxyStarts: true
            statusPort: 15020
            image: {imageType: distroless}
            """));
        Assert.Equal("3", env[Threads]);
        Assert.Equal("90s", env["MESH_TERMINATION_DRAIN_DURATION"]);
        Assert.Equal("true", env["EXIT_ON_ZERO_ACTIVE_CONNECTIONS"]);
        Assert.Equal("60s", env["MINIMUM_DRAIN_DURATION"]);
        Assert.Equal("Europe/Berlin", env["TZ"]);
    }

    [Fact]
    public void Without_any_word_the_runtime_counts_the_processors_of_the_container()
    {
        var env = Environment(Pod("web"));
        Assert.DoesNotContain(Threads, env.Keys);
        Assert.DoesNotContain("MESH_TERMINATION_DRAIN_DURATION", env.Keys);
        Assert.DoesNotContain(Threads, Environment(Pod("web", "concurrency: 0"), Settings("defaultConfig: {concurrency: 2}")).Keys);
    }

    [Theory]
    [InlineData("drainDuration: 45s", "drainDuration")]
    [InlineData("statusPort: 15099", "statusPort")]
    [InlineData("holdApplicationUntilProxyStarts: false", "holdApplicationUntilProxyStarts")]
    [InlineData("image: {imageType: debug}", "image.imageType")]
    [InlineData("proxyMetadata: {ISTIO_META_NOTHING: x}", "proxyMetadata.ISTIO_META_NOTHING")]
    public void What_cannot_act_is_warned_of_by_annotation_and_field(string yaml, string field)
    {
        var result = PodInjector.Inject(Pod("web", yaml), new InjectionSettings(), "mesh-stamp");
        Assert.StartsWith($"metadata.annotations[proxy.istio.io/config].{field}: ", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_source_is_laid_over_the_wider_ones_variable_by_variable()
    {
        var objects = new List<string> { Settings("defaultConfig: {concurrency: 1, proxyMetadata: {TZ: mesh, DOTNET_A: mesh}}") };
        Expect("1", "mesh");
        objects.Add(Given.ProxyConfig("root", "{concurrency: 2, environmentVariables: {TZ: root}}", "istio-system"));
        Expect("2", "root");
        objects.Add(Given.ProxyConfig("all", "{concurrency: 3}"));
        Expect("3", "root");
        objects.Add(Given.ProxyConfig("other", "{concurrency: 7}", "elsewhere"));
        Expect("3", "root");
        Expect("4", "annotation", "{concurrency: 4, proxyMetadata: {TZ: annotation}}");
        // As Istio documents it, a ProxyConfig that selects a pod has precedence over its annotation.
        objects.Add(Given.ProxyConfig("web", "{selector: {matchLabels: {app: web}}, concurrency: 5}"));
        Expect("5", "annotation", "{concurrency: 4, proxyMetadata: {TZ: annotation}}");
        objects.Add(Given.ProxyConfig("older", "{selector: {matchLabels: {app: web}}, concurrency: 6}", age: 9));
        Expect("6", "root");

        void Expect(string threads, string zone, string? annotation = null)
        {
            var env = Environment(Pod("web", annotation), [.. objects]);
            Assert.Equal((threads, zone, "mesh"), (env[Threads], env["TZ"], env["DOTNET_A"]));
        }
    }

    [Fact]
    public void Capture_of_DNS_follows_the_same_order()
    {
        var off = Given.ProxyConfig("all", "{environmentVariables: {ISTIO_META_DNS_CAPTURE: 'false'}}");
        Assert.True(Captures(Pod("web")));
        Assert.False(Captures(Pod("web"), off));
        Assert.True(Captures(Pod("web", "proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}"), off));

        static bool Captures(V1Pod pod, params ReadOnlySpan<string> objects) => Inject(pod, objects).Spec.InitContainers[0].Args.Contains("--redirect-dns");
    }

    [Fact]
    public void One_that_is_not_valid_or_not_the_oldest_has_no_effect_and_says_so()
    {
        string[] objects =
        [
            Given.ProxyConfig("first", "{concurrency: 2}", age: 5), Given.ProxyConfig("second", "{concurrency: 3}"),
            Given.ProxyConfig("broken", "{concurrency: 4, environmentVariables: {POD_NAME: me}}", age: 9),
        ];
        Assert.Equal("2", Environment(Pod("web"), objects)[Threads]);

        var verdicts = MeshPlanner.Plan(Cluster.Of(objects)).Verdicts;
        Assert.Null(Of("first").NotAccepted);
        Assert.Equal(ConditionReasons.OverruledByOlder, Of("second").NotAccepted);
        Assert.Contains("default/first", Assert.Single(Of("second").Findings).Remedy, StringComparison.Ordinal);
        Assert.Equal(ConditionReasons.Invalid, Of("broken").NotAccepted);
        Assert.Equal("spec.environmentVariables[POD_NAME]", Assert.Single(Of("broken").Findings).Path);

        RuleVerdict Of(string name) => verdicts[new RuleKey(RuleKey.ProxyConfig, new("default", name))];
    }

    [Fact]
    public void Done_to_its_own_result_it_gives_the_same_again()
    {
        var settings = new InjectionSettings { Start = new ProxyStart { Concurrency = 2 } };
        var once = PodInjector.Inject(Pod("web", "proxyMetadata: {TZ: a}"), settings, "mesh-stamp").Pod!;
        var twice = PodInjector.Inject(once, settings, "mesh-stamp").Pod!;
        Assert.Equal(Env(once).Select(variable => (variable.Name, variable.Value)), Env(twice).Select(variable => (variable.Name, variable.Value)));
    }

    private static Dictionary<string, string> Environment(V1Pod pod, params ReadOnlySpan<string> objects) =>
        Env(Inject(pod, objects)).Where(variable => variable.Value is not null).ToDictionary(variable => variable.Name, variable => variable.Value);

    private static IList<V1EnvVar> Env(V1Pod pod) => pod.Spec.InitContainers.Single(container => container.Name == "mesh-proxy").Env;

    private static V1Pod Inject(V1Pod pod, params ReadOnlySpan<string> objects) =>
        PodInjector.Inject(pod, new InjectionSettings().For(Cluster.Of(objects), pod), "mesh-stamp").Pod!;

    private static V1Pod Pod(string app, string? config = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = app,
            NamespaceProperty = "default",
            Labels = new Dictionary<string, string> { ["app"] = app },
            Annotations = config is null ? null : new Dictionary<string, string> { ["proxy.istio.io/config"] = config },
        },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "app" }] },
    };

    private static string Settings(string yaml) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: mesh, namespace: mesh-system}}\ndata:\n  mesh: |\n    {yaml}";
}
