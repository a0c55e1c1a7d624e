using System.Text.Json.Nodes;
using Mesh.Api.Validation;

namespace Mesh.Api.Tests;

/// <summary>MeshConfig and ProxyConfig: every field known, what is wrong found with its place.</summary>
public sealed class MeshConfigTests
{
    [Theory]
    [InlineData("trustDomain: Acme.Com", "error IST0106 data.mesh.trustDomain")]
    [InlineData("outboundTrafficPolicy: {mode: ALLOW_SOME}", "error IST0106 data.mesh.outboundTrafficPolicy.mode")]
    [InlineData("outboundTrafficPolcy: {mode: ALLOW_ANY}", "error MESH0002 data.mesh.outboundTrafficPolcy")]
    [InlineData("accessLogEncoding: XML", "error IST0106 data.mesh.accessLogEncoding")]
    [InlineData("enableAutoMtls: maybe", "error IST0106 data.mesh.enableAutoMtls")]
    [InlineData("connectTimeout: soon", "error IST0106 data.mesh.connectTimeout")]
    [InlineData("defaultConfig: {drainDuration: 5}", "error IST0106 data.mesh.defaultConfig.drainDuration")]
    [InlineData("defaultConfig: {concurrency: -1}", "error IST0106 data.mesh.defaultConfig.concurrency")]
    [InlineData("defaultConfig: {proxyMetadata: {A: true}}", "error IST0106 data.mesh.defaultConfig.proxyMetadata[A]")]
    [InlineData("defaultConfig: {tracing: {sampling: 101}}", "error IST0106 data.mesh.defaultConfig.tracing.sampling")]
    [InlineData("defaultConfig: {holdApplicationsUntilProxyStarts: true}", "error MESH0002 data.mesh.defaultConfig.holdApplicationsUntilProxyStarts")]
    [InlineData("defaultConfig: {zipkinAddress: 'a:9411'}", "warning IST0002 data.mesh.defaultConfig.zipkinAddress")]
    [InlineData("extensionProviders: [{name: a}]", "error IST0106 data.mesh.extensionProviders[0]")]
    [InlineData("extensionProviders: [{name: a, prometheus: {}}, {name: a, prometheus: {}}]", "error IST0106 data.mesh.extensionProviders[1].name")]
    [InlineData("extensionProviders: [{name: a, envoyExtAuthzGrpc: {service: s}}]", "error IST0106 data.mesh.extensionProviders[0].envoyExtAuthzGrpc.port")]
    [InlineData("defaultProviders: {tracing: [zipkin]}", "error IST0106 data.mesh.defaultProviders.tracing[0]")]
    [InlineData("pathNormalization: {normalization: MERGE}", "error IST0106 data.mesh.pathNormalization.normalization")]
    [InlineData("defaultServiceExportTo: ['*', '.']", "error IST0106 data.mesh.defaultServiceExportTo")]
    public void Each_mistake_is_found_where_it_stands(string yaml, string expected) =>
        Assert.Equal(expected, Assert.Single(Found(yaml)));

    [Fact]
    public void What_istio_installs_is_fine() => Assert.Empty(Found("""
        accessLogFile: /dev/stdout
        defaultConfig:
          discoveryAddress: istiod.istio-system.svc:15012
          holdApplicationUntilProxyStarts: true
          image: {imageType: distroless}
          proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}
          tracing: {zipkin: {address: "zipkin:9411"}, sampling: 10}
        defaultProviders: {metrics: [prometheus]}
        discoverySelectors: [{matchLabels: {team: a}}]
        enablePrometheusMerge: true
        extensionProviders:
        - {name: otel, envoyOtelAls: {service: otel.svc, port: 4317}}
        - {name: ext, envoyExtAuthzHttp: {service: auth.svc, port: 8000, includeRequestHeadersInCheck: [x-user]}}
        rootNamespace: istio-system
        trustDomain: cluster.local
        """));

    [Fact]
    public void An_unknown_field_is_told_with_what_was_probably_meant()
    {
        var finding = Assert.Single(MeshConfigValidator.Validate(Element("trustDomian: a"), "ConfigMap/mesh-system/mesh", "data.mesh"));

        Assert.Equal("Did you mean trustDomain?", finding.Remedy);
    }

    [Fact]
    public void A_pods_own_settings_are_judged_by_the_same_fields()
    {
        var found = MeshConfigValidator.ValidateProxy(Element("concurency: 2"), "Pod/a/b", "metadata.annotations[proxy.istio.io/config]");

        Assert.Equal("metadata.annotations[proxy.istio.io/config].concurency", Assert.Single(found).Path);
    }

    private static IEnumerable<string> Found(string yaml) => MeshConfigValidator.Validate(Element(yaml), "ConfigMap/mesh-system/mesh", "data.mesh")
        .Select(finding => $"{finding.Severity.ToString().ToLowerInvariant()} {finding.Code} {finding.Path}");

    private static System.Text.Json.JsonElement Element(string yaml) => YamlJson.Element(YamlJson.Documents(yaml).SingleOrDefault() ?? new JsonObject());
}
