using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>The CRDs on an API server of the caller's choice (MESH_TEST_KUBECONFIG), by kubectl as a user does it.</summary>
public sealed class ApiServerTests
{
    [Fact]
    public void Crds_are_taken_and_served_in_every_version()
    {
        var kubectl = new Kubectl(Needs.Cluster());
        kubectl.InstallCrds();

        foreach (var version in new[] { "v1", "v1beta1", "v1alpha3" })
        {
            foreach (var kind in new[] { "virtualservices", "destinationrules" })
                kubectl.Must(null, "get", $"{kind}.{version}.networking.istio.io", "-A");
        }

        kubectl.Must(Document("VirtualService", """{"hosts":["a"],"http":[{"route":[{"destination":{"host":"a"}}]}]}"""), "create", "--dry-run=server", "-f", "-");
        Assert.Contains("0s", kubectl.Must(null, "explain", "virtualservice.spec.http.timeout"), StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_takes_what_istios_takes_and_refuses_what_it_refuses()
    {
        var kubectl = new Kubectl(Needs.Cluster());
        var folder = Needs.Cases("istio-api-crd-validation");
        kubectl.InstallCrds();

        foreach (var (file, accepted) in new[] { ("destinationrule-valid", true), ("destinationrule-invalid", false), ("peerauth-valid", true), ("peerauth-invalid", false) })
        {
            foreach (var document in YamlJson.Documents(File.ReadAllText(Path.Combine(folder, file + ".yaml"))))
            {
                document.AsObject().Remove("_err");
                var result = kubectl.Run(document.ToJsonString(), "create", "--dry-run=server", "-f", "-");
                Assert.True(result.ExitCode == 0 == accepted, $"{document.ToJsonString()}\n{result.Output}{result.Error}");
            }
        }
    }

    [Theory]
    [InlineData("VirtualService", """{"hosts":["a"],"http":[{"match":[{"uri":{"exact":"/a","prefix":"/b"}}],"route":[{"destination":{"host":"a"}}]}]}""", "match[0].uri")]
    [InlineData("VirtualService", """{"hosts":["a"],"http":[{"retries":{"attempts":1,"perTryTimeout":"soon"},"route":[{"destination":{"host":"a"}}]}]}""", "perTryTimeout")]
    [InlineData("VirtualService", """{"hosts":["a"],"http":[{"route":[{"destination":{"host":"a"},"weight":-1}]}]}""", "weight")]
    [InlineData("VirtualService", """{"hosts":["a"],"http":[{"route":[{"destination":{}}]}]}""", "host")]
    [InlineData("DestinationRule", """{"host":"a","trafficPolicy":{"loadBalancer":{"simple":"RANDOM","consistentHash":{"useSourceIp":true}}}}""", "at most one of simple, consistentHash")]
    [InlineData("DestinationRule", """{"host":"a","trafficPolicy":{"loadBalancer":{"simple":"FASTEST"}}}""", "simple")]
    [InlineData("DestinationRule", """{"host":"a","trafficPolicy":{"connectionPool":{"tcp":{"connectTimeout":"1us"}}}}""", "at least 1ms")]
    [InlineData("DestinationRule", """{"host":"a","trafficPolicy":{"outlierDetection":{"maxEjectionPercent":101}}}""", "maxEjectionPercent")]
    [InlineData("DestinationRule", """{"host":"a","nonsense":1}""", "nonsense")]
    [InlineData("PeerAuthentication", """{"mtls":{"mode":"ALWAYS"}}""", "mode")]
    [InlineData("PeerAuthentication", """{"portLevelMtls":{"80":{"mode":"STRICT"}}}""", "portLevelMtls requires selector")]
    [InlineData("PeerAuthentication", """{"selector":{"matchLabels":{"a":"b"}},"portLevelMtls":{}}""", "at least 1")]
    [InlineData("PeerAuthentication", """{"selector":{"matchLabels":{"a":"b"}},"portLevelMtls":{"70000":{"mode":"STRICT"}}}""", "port must be between 1-65535")]
    public void What_the_schema_forbids_is_refused_with_its_place(string kind, string spec, string said)
    {
        var kubectl = new Kubectl(Needs.Cluster());
        kubectl.InstallCrds();

        var result = kubectl.Run(Document(kind, spec), "create", "--dry-run=server", "-f", "-");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    private static string Document(string kind, string spec) => new JsonObject
    {
        ["apiVersion"] = kind == "PeerAuthentication" ? "security.istio.io/v1" : "networking.istio.io/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = "mesh-api-test", ["namespace"] = "default" },
        ["spec"] = JsonNode.Parse(spec),
    }.ToJsonString();

    private sealed class Kubectl(string kubeconfig)
    {
        public void InstallCrds()
        {
            Must(null, "apply", "-k", Repository.Path("crds"));
            Must(null, "wait", "--for=condition=Established", "--timeout=30s", "crd/virtualservices.networking.istio.io", "crd/destinationrules.networking.istio.io", "crd/peerauthentications.security.istio.io");
        }

        public string Must(string? input, params string[] arguments)
        {
            var result = Run(input, arguments);
            Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result.Error}");
            return result.Output;
        }

        public CommandResult Run(string? input, params string[] arguments) =>
            Command.Run("kubectl", ["--kubeconfig", kubeconfig, .. arguments], input);
    }
}
