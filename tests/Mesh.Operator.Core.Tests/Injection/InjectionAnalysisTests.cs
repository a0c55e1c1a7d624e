using System.Text.Json;
using Mesh.Api;
using Mesh.Operator.Core.Analysis;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>What `mesh analyze` says of injection before anybody waits for pods.</summary>
public sealed class InjectionAnalysisTests
{
    private const string Istio = "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector}}, webhooks: [{name: namespace.sidecar-injector.istio.io}]}";

    [Theory]
    [InlineData("istio-injection: enabled, pod-security.kubernetes.io/enforce: restricted", true)]
    [InlineData("istio.io/rev: mesh, pod-security.kubernetes.io/enforce: baseline", true)]
    [InlineData("istio-injection: enabled, pod-security.kubernetes.io/enforce: privileged", false)]
    [InlineData("istio-injection: enabled, pod-security.kubernetes.io/warn: restricted", false)]
    [InlineData("istio-injection: disabled, pod-security.kubernetes.io/enforce: restricted", false)]
    public void A_namespace_that_asks_for_what_its_Pod_Security_level_forbids(string labels, bool told)
    {
        var found = Findings(FindingCodes.PodSecurityForbidsSidecar, Namespace(labels));
        if (!told)
        {
            Assert.Empty(found);
            return;
        }

        var finding = Assert.Single(found);
        Assert.Equal(("Namespace/shop", Severity.Error, "metadata.labels[pod-security.kubernetes.io/enforce]"), (finding.Resource, finding.Severity, finding.Path));
        Assert.Contains("\"privileged\"", finding.Remedy);
    }

    [Fact]
    public void A_namespace_that_another_mesh_answers_is_told_how_to_move_and_its_pods_are_not_missed()
    {
        string[] objects = [Namespace("istio-injection: enabled"), Pod("containers: [{name: web, image: web}]")];
        Assert.Empty(Findings(FindingCodes.AnsweredByAnotherMesh, objects));
        Assert.Single(Findings(FindingCodes.PodMissingProxy, objects));
        var finding = Assert.Single(Findings(FindingCodes.AnsweredByAnotherMesh, [Istio, .. objects]));
        Assert.Equal(("Namespace/shop", Severity.Info), (finding.Resource, finding.Severity));
        Assert.Contains("istio-sidecar-injector", finding.Message);
        Assert.Contains("kubectl label namespace shop istio-injection- istio.io/rev=mesh", finding.Remedy);
        Assert.Empty(Findings(FindingCodes.PodMissingProxy, [Istio, .. objects]));
        Assert.Empty(Findings(FindingCodes.AnsweredByAnotherMesh, Istio, Namespace("istio.io/rev: mesh")));
    }

    [Fact]
    public void Beside_another_mesh_a_namespace_that_asks_for_nothing_is_told_our_word() =>
        Assert.Contains("istio.io/rev=mesh", Assert.Single(Findings(FindingCodes.NamespaceNotInjected, Istio, Namespace("team: shop"))).Remedy);

    [Theory]
    [InlineData("containers: [{name: web, image: web}, {name: istio-proxy, image: auto}]", "", "spec.template.spec", "istio-proxy")]
    [InlineData("containers: [{name: web, image: web, securityContext: {runAsGroup: 1337}}]", "", "spec.template.spec", "runAsGroup")]
    [InlineData("containers: [{name: web, image: web}]", "traffic.sidecar.istio.io/excludeInboundPorts: http", "spec.template.metadata.annotations[traffic.sidecar.istio.io/excludeInboundPorts]", "is not a port")]
    [InlineData("containers: [{name: web, image: web}]", "inject.istio.io/templates: gateway", "spec.template.metadata.annotations[inject.istio.io/templates]", "\"gateway\"")]
    public void A_template_whose_pods_injection_refuses(string spec, string annotations, string path, string message)
    {
        var finding = Assert.Single(Findings(FindingCodes.InjectionRefused, Namespace("istio-injection: enabled"), Deployment(spec, annotations)));
        Assert.Equal(("Deployment/shop/web", Severity.Error, path), (finding.Resource, finding.Severity, finding.Path));
        Assert.Contains(message, finding.Message);
        Assert.Empty(Findings(FindingCodes.InjectionRefused, Namespace("istio-injection: disabled"), Deployment(spec, annotations)));
        Assert.Empty(Findings(FindingCodes.InjectionRefused, Istio, Namespace("istio-injection: enabled"), Deployment(spec, annotations)));
        Assert.Single(Findings(FindingCodes.InjectionRefused, Istio, Namespace("istio.io/rev: mesh"), Deployment(spec, annotations)));
    }

    [Fact]
    public void An_annotation_without_effect_is_told_where_it_stands()
    {
        var finding = Assert.Single(Findings(FindingCodes.AnnotationWithoutEffect, Namespace("istio-injection: enabled"), Deployment("containers: [{name: web, image: web}]", "sidecar.istio.io/componentLogLevel: misc:error")));
        Assert.Equal("spec.template.metadata.annotations[sidecar.istio.io/componentLogLevel]", finding.Path);
        Assert.Contains("sidecar.istio.io/logLevel", finding.Message);
    }

    private static string Namespace(string labels) => $"{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{{labels}}}}}}}";

    private static string Pod(string spec) => $"{{apiVersion: v1, kind: Pod, metadata: {{name: web-1, namespace: shop}}, spec: {{{spec}}}}}";

    private static string Deployment(string spec, string annotations) =>
        $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: shop}}, spec: {{template: {{metadata: {{labels: {{app: web}}, annotations: {{{annotations}}}}}, spec: {{{spec}}}}}}}}}";

    private static IEnumerable<Finding> Findings(string code, params string[] documents) =>
        MeshAnalysis.OfFiles([.. documents.SelectMany(Yaml.Documents).Select(document => JsonSerializer.SerializeToElement(document))], DateTimeOffset.UnixEpoch).Where(finding => finding.Code == code);
}
