using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Api.Validation;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>Whatever was written: it is read, judged and never thrown about.</summary>
public sealed class OddInputTests
{
    private const string VirtualService = """
        {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a","namespace":"b"},
         "spec":{"hosts":["a","*.b.c"],"gateways":["mesh","n/g"],"exportTo":["."],
          "http":[{"name":"x","match":[{"name":"m","uri":{"prefix":"/a"},"scheme":{"exact":"http"},"method":{"exact":"PUT"},"authority":{"exact":"a"},
            "headers":{"h":{"exact":"v"},"p":{}},"port":80,"sourceLabels":{"app":"x"},"gateways":["mesh"],"queryParams":{"q":{"exact":""}},"ignoreUriCase":true,
            "withoutHeaders":{"w":{"prefix":"z"}},"sourceNamespace":"n","statPrefix":"s"}],
            "route":[{"destination":{"host":"a","subset":"v1","port":{"number":80}},"weight":3,"headers":{"request":{"set":{"a":"b"},"add":{"c":"d"},"remove":["e"]}}},{"destination":{"host":"b"},"weight":1}],
            "timeout":"5s","retries":{"attempts":2,"perTryTimeout":"1s","retryOn":"5xx,503","retryRemoteLocalities":true,"retryIgnorePreviousHosts":false,"backoff":"10ms"},
            "fault":{"delay":{"fixedDelay":"1s","percentage":{"value":1}},"abort":{"httpStatus":503,"percentage":{"value":0.5}}},
            "mirrors":[{"destination":{"host":"m"},"percentage":{"value":5}}],"rewrite":{"uri":"/x","authority":"y"},
            "corsPolicy":{"allowOrigins":[{"exact":"o"}],"allowMethods":["GET"],"allowHeaders":["h"],"maxAge":"24h","allowCredentials":true,"unmatchedPreflights":"IGNORE"}},
           {"redirect":{"uri":"/x","redirectCode":308}}],
          "tls":[{"match":[{"sniHosts":["x.b.c"],"destinationSubnets":["10.0.0.0/8"],"port":443}],"route":[{"destination":{"host":"a"}}]}],
          "tcp":[{"match":[{"port":9000}],"route":[{"destination":{"host":"a"}}]}]}}
        """;

    private const string DestinationRule = """
        {"apiVersion":"networking.istio.io/v1","kind":"DestinationRule","metadata":{"name":"a","namespace":"b"},
         "spec":{"host":"a","exportTo":["."],"workloadSelector":{"matchLabels":{"app":"x"}},
          "trafficPolicy":{"loadBalancer":{"consistentHash":{"httpCookie":{"name":"c","ttl":"0s","attributes":[{"name":"Secure"}]},"maglev":{"tableSize":65537}},
             "localityLbSetting":{"distribute":[{"from":"r/z/*","to":{"r/z/*":80,"r/y/*":20}}],"enabled":true},"warmup":{"duration":"30s","minimumPercent":5,"aggression":1.5}},
            "connectionPool":{"tcp":{"maxConnections":5,"connectTimeout":"1s","tcpKeepalive":{"probes":3,"time":"1h","interval":"75s"},"idleTimeout":"0s"},
              "http":{"http1MaxPendingRequests":1,"http2MaxRequests":2,"maxRequestsPerConnection":3,"maxRetries":4,"idleTimeout":"1h","h2UpgradePolicy":"UPGRADE","maxConcurrentStreams":9,"http2KeepAlive":{"interval":"5s","timeout":"1s"}}},
            "outlierDetection":{"consecutive5xxErrors":5,"interval":"10s","baseEjectionTime":"30s","maxEjectionPercent":100,"outlierDetectionHttpErrorCodes":[500,503]},
            "tls":{"mode":"MUTUAL","clientCertificate":"c","privateKey":"k","caCertificates":"ca","subjectAltNames":["x"],"sni":"y"},
            "proxyProtocol":{"version":"V2"},"retryBudget":{"percent":20,"minRetryConcurrency":3,"budgetInterval":"0s"},
            "portLevelSettings":[{"port":{"number":80},"loadBalancer":{"simple":"ROUND_ROBIN"}}]},
          "subsets":[{"name":"v1","labels":{"version":"v1"},"trafficPolicy":{"tunnel":{"protocol":"CONNECT","targetHost":"h.x","targetPort":443}}}]}}
        """;

    private const string PeerAuthentication = """
        {"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","metadata":{"name":"a","namespace":"b"},
         "spec":{"selector":{"matchLabels":{"app":"x"}},"mtls":{"mode":"STRICT"},"portLevelMtls":{"8080":{"mode":"DISABLE"},"9090":{"mode":"UNSET"}}}}
        """;

    public static TheoryData<string> Documents => [VirtualService, DestinationRule, PeerAuthentication];

    private static readonly string[] OddValues = ["null", "true", "-1", "1e300", "\"\"", "\"odd value % *\"", "[]", "[null]", "{}", "{\"odd\":null}", "[[[]]]", "{\"exact\":1}", "{\"regex\":\"(\"}", "99999999999"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_with_every_field_is_fine_and_reads_whole(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.DoesNotContain(DocumentValidator.Validate(document.RootElement), f => f.Severity == Severity.Error);
        var spec = document.RootElement.GetProperty("spec");
        var again = json.Contains("VirtualService", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToNode(ApiJson.Read<VirtualServiceSpec>(spec), ApiJson.Options)
            : json.Contains("PeerAuthentication", StringComparison.Ordinal) ? JsonSerializer.SerializeToNode(ApiJson.Read<PeerAuthenticationSpec>(spec), ApiJson.Options)
            : JsonSerializer.SerializeToNode(ApiJson.Read<DestinationRuleSpec>(spec), ApiJson.Options);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec.GetRawText()), again), again!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Any_value_at_any_place_is_judged_and_never_thrown_about(string json)
    {
        foreach (var path in Places(JsonNode.Parse(json)!["spec"]!, []).ToList())
        {
            foreach (var odd in OddValues)
            {
                var document = JsonNode.Parse(json)!;
                Replace(document["spec"]!, path, JsonNode.Parse(odd));
                var text = document.ToJsonString();

                DocumentValidator.Validate(YamlJson.Element(document));
                if (text.Contains("\"VirtualService\"", StringComparison.Ordinal))
                {
                    var entity = KubernetesJson.Deserialize<V1VirtualService>(text);
                    VirtualServiceValidator.Validate(entity);
                    UnsupportedFieldsFinder.Find(entity.Spec);
                }
                else if (text.Contains("\"PeerAuthentication\"", StringComparison.Ordinal))
                {
                    var entity = KubernetesJson.Deserialize<V1PeerAuthentication>(text);
                    PeerAuthenticationValidator.Validate(entity);
                    UnsupportedFieldsFinder.Find(entity.Spec);
                }
                else
                {
                    var entity = KubernetesJson.Deserialize<V1DestinationRule>(text);
                    DestinationRuleValidator.Validate(entity);
                    UnsupportedFieldsFinder.Find(entity.Spec);
                }
            }
        }
    }

    [Fact]
    public void Any_value_at_any_place_of_any_sample_is_judged_and_never_thrown_about()
    {
        var samples = Directory.GetFiles(Repository.Path("config/samples"), "*.yaml").SelectMany(file => YamlJson.Documents(File.ReadAllText(file)))
            .GroupBy(document => document["kind"]!.GetValue<string>()).Where(group => ApiKinds.Named(group.Key) is not null).Select(group => group.First()).ToList();
        Assert.Equal(ApiKinds.Table.Select(kind => kind.Kind).Order(), samples.Select(sample => sample["kind"]!.GetValue<string>()).Order());
        foreach (var sample in samples)
        {
            foreach (var path in Places(sample["spec"]!, []).ToList())
            {
                foreach (var odd in OddValues)
                {
                    var document = sample.DeepClone();
                    Replace(document["spec"]!, path, JsonNode.Parse(odd));
                    DocumentJudge.Judge(YamlJson.Element(document));
                    // As the webhook and the operator read it, past every check of its shape.
                    var kind = ApiKinds.Named(document["kind"]!.GetValue<string>())!;
                    kind.Validate(YamlJson.Element(document["spec"]!), new ObjectHead());
                    kind.Unsupported(YamlJson.Element(document["spec"]!), "");
                }
            }
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":null}""")]
    [InlineData("""{"spec":5}""")]
    [InlineData("""{"spec":[],"status":[],"metadata":null}""")]
    public void A_document_without_a_usable_spec_reads_and_is_refused(string json)
    {
        Assert.NotEmpty(VirtualServiceValidator.Validate(KubernetesJson.Deserialize<V1VirtualService>(json)));
        Assert.NotEmpty(DestinationRuleValidator.Validate(KubernetesJson.Deserialize<V1DestinationRule>(json)));
    }

    [Fact]
    public void A_misspelt_field_is_found_with_what_was_probably_meant()
    {
        var document = JsonNode.Parse("""{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a"},"spec":{"hosts":["a"],"http":[{"rout":[],"route":[{"destination":{"host":"a","portt":1}}],"timeout":5}]}}""")!;

        var found = DocumentValidator.Validate(YamlJson.Element(document));

        Assert.Equal(
            [("spec.http[0].rout", "MESH0002", "Did you mean route?"), ("spec.http[0].route[0].destination.portt", "MESH0002", "Did you mean port?"), ("spec.http[0].timeout", "IST0106", "Write a duration in quotes or with its unit, such as 5s here.")],
            found.Select(f => (f.Path, f.Code, f.Remedy)));
    }

    [Fact]
    public void A_kind_of_another_system_is_left_alone_with_a_warning()
    {
        var warning = Assert.Single(DocumentValidator.Validate(YamlJson.Element(JsonNode.Parse("""{"apiVersion":"example.org/v1","kind":"Widget"}""")!)));

        Assert.Equal((Severity.Warning, FindingCodes.UnknownKind), (warning.Severity, warning.Code));
    }

    [Theory]
    [InlineData("v1", "Service")]
    [InlineData("apps/v1", "Deployment")]
    [InlineData("rbac.authorization.k8s.io/v1", "Role")]
    public void Kubernetes_own_kinds_are_left_to_its_api_server(string version, string kind) =>
        Assert.Empty(DocumentValidator.Validate(YamlJson.Element(new JsonObject { ["apiVersion"] = version, ["kind"] = kind })));

    [Fact]
    public void A_version_that_is_not_served_is_told_with_those_that_are()
    {
        var warning = Assert.Single(DocumentValidator.Validate(YamlJson.Element(JsonNode.Parse("""{"apiVersion":"networking.istio.io/v2","kind":"VirtualService"}""")!)));

        Assert.Contains("networking.istio.io/v1beta1", warning.Remedy, StringComparison.Ordinal);
    }

    private static IEnumerable<object[]> Places(JsonNode node, object[] path)
    {
        yield return path;
        var children = node switch
        {
            JsonObject map => map.Select(p => (Key: (object)p.Key, p.Value)),
            JsonArray list => list.Select((v, i) => (Key: (object)i, Value: v)),
            _ => [],
        };
        foreach (var (key, value) in children)
        {
            foreach (var place in Places(value!, [.. path, key]))
                yield return place;
        }
    }

    private static void Replace(JsonNode spec, object[] path, JsonNode? value)
    {
        var parent = spec.Parent!;
        object last = "spec";
        var node = spec;
        foreach (var key in path)
        {
            parent = node;
            last = key;
            node = key is int i ? node[i]! : node[(string)key]!;
        }

        if (last is int index)
            parent[index] = value;
        else
            parent[(string)last] = value;
    }
}
