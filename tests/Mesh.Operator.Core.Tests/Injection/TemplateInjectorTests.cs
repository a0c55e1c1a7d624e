using System.Text.Json.Nodes;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>The sidecar in objects as files hold them.</summary>
public sealed class TemplateInjectorTests
{
    private const string Spec = "{containers: [{name: web, image: web}]}";

    [Theory]
    [InlineData("apps/v1", "Deployment", "/template")]
    [InlineData("apps/v1", "StatefulSet", "/template")]
    [InlineData("apps/v1", "DaemonSet", "/template")]
    [InlineData("apps/v1", "ReplicaSet", "/template")]
    [InlineData("batch/v1", "Job", "/template")]
    [InlineData("v1", "ReplicationController", "/template")]
    [InlineData("batch/v1", "CronJob", "/jobTemplate/spec/template")]
    public void What_makes_pods_makes_pods_with_a_sidecar(string version, string kind, string place)
    {
        var template = "{spec: " + Spec + "}";
        foreach (var name in place.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) template = $"{{{name}: {template}}}";
        var item = Read($"{{apiVersion: {version}, kind: {kind}, metadata: {{name: shop}}, spec: {template}}}");
        Assert.True(Injector().Inject(item));
        var made = place.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(item["spec"]!, (node, name) => node[name]!);
        Assert.Equal(["mesh-init", "mesh-proxy"], made["spec"]!["initContainers"]!.AsArray().Select(container => container!["name"]!.ToString()));
        Assert.Equal(("shop", "mutual"), (made["metadata"]!["labels"]!["service.istio.io/canonical-name"]!.ToString(), made["metadata"]!["labels"]!["mesh.dev/tls-mode"]!.ToString()));
        // Pods of one template cannot share a record.
        Assert.Null(made["metadata"]!["annotations"]!["mesh.dev/config"]);
        Assert.NotNull(made["spec"]!["volumes"]!.AsArray().Single(volume => volume!["name"]!.ToString() == "mesh-config")!["emptyDir"]);
    }

    [Fact]
    public void A_pod_and_the_items_of_a_List_are_injected_and_all_else_stays()
    {
        var list = Read($"{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: Service, metadata: {{name: web}}}}, {{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {Spec}}}]}}");
        var service = list["items"]![0]!.ToJsonString();
        Assert.True(Injector().Inject(list));
        Assert.Equal(service, list["items"]![0]!.ToJsonString());
        Assert.Equal("mesh-proxy", list["items"]![1]!["spec"]!["initContainers"]![1]!["name"]!.ToString());
        Assert.False(Injector().Inject(Read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {kind: Pod}}")));
        Assert.False(Injector().Inject(Read("{apiVersion: example.org/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: " + Spec + "}}}")));
    }

    [Fact]
    public void What_this_version_does_not_know_and_what_did_not_change_stays_to_the_letter()
    {
        var item = Read("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {future: {a: [1]}, containers: [{name: web, image: web, new: '1', resources: {requests: {cpu: '0.10'}}, readinessProbe: {httpGet: {port: 80}, newer: x}}]}}}}");
        Assert.True(Injector().Inject(item));
        var spec = item["spec"]!["template"]!["spec"]!;
        Assert.Equal("{\"a\":[1]}", spec["future"]!.ToJsonString());
        Assert.Equal("""{"name":"web","image":"web","new":"1","resources":{"requests":{"cpu":"0.10"}},"readinessProbe":{"httpGet":{"port":15020,"path":"/app-health/web/readyz"},"newer":"x"}}""", spec["containers"]![0]!.ToJsonString());
    }

    [Fact]
    public void Done_to_its_own_result_it_changes_nothing()
    {
        var item = Read($"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{spec: {Spec}}}}}}}");
        Injector().Inject(item);
        var once = item.ToJsonString();
        Assert.False(Injector().Inject(item));
        Assert.Equal(once, item.ToJsonString());
    }

    [Theory]
    [InlineData("{metadata: {labels: {sidecar.istio.io/inject: 'false'}}, spec: {containers: [{name: web}]}}", "sidecar.istio.io/inject is false")]
    [InlineData("{spec: {hostNetwork: true, containers: [{name: web}]}}", "hostNetwork")]
    public void What_asks_to_stay_out_is_left_and_said(string template, string remark)
    {
        var injector = Injector();
        Assert.False(injector.Inject(Read($"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: shop}}, spec: {{template: {template}}}}}")));
        Assert.Empty(injector.Problems);
        Assert.StartsWith("Deployment/shop/web is left as it is", Assert.Single(injector.Remarks));
        Assert.Contains(remark, injector.Remarks[0]);
    }

    [Fact]
    public void Pods_of_the_clusters_own_namespaces_are_left()
    {
        var injector = Injector();
        Assert.False(injector.Inject(Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: dns, namespace: kube-system}}, spec: {Spec}}}")));
        Assert.Contains("kube-system", Assert.Single(injector.Remarks));
    }

    [Theory]
    [InlineData("{spec: {containers: [{name: web}, {name: istio-proxy}]}}", "istio-proxy")]
    [InlineData("{metadata: {annotations: {sidecar.istio.io/proxyCPU: much}}, spec: {containers: [{name: web}]}}", "proxyCPU")]
    [InlineData("{spec: {containers: web}}", "cannot be read")]
    public void What_cannot_have_a_sidecar_is_named(string template, string problem)
    {
        var injector = Injector();
        Assert.False(injector.Inject(Read($"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: shop}}, spec: {{template: {template}}}}}")));
        Assert.StartsWith("Deployment/shop/web: ", Assert.Single(injector.Problems));
        Assert.Contains(problem, injector.Problems[0]);
    }

    [Fact]
    public void The_namespaces_Pod_Security_level_holds_here_too()
    {
        var injector = new TemplateInjector(new InjectionSettings(), new Dictionary<string, LabelSet> { ["default"] = LabelSet.Of([KeyValuePair.Create("pod-security.kubernetes.io/enforce", "baseline")]) }, "default");
        Assert.False(injector.Inject(Read($"{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {Spec}}}")));
        Assert.Contains("pod-security.kubernetes.io/enforce", Assert.Single(injector.Problems));
    }

    private static TemplateInjector Injector() => new(new InjectionSettings(), new Dictionary<string, LabelSet>(), "default");

    private static JsonObject Read(string yaml) => Yaml.Documents(yaml).Single().AsObject();
}
