using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Operator.Core.Analysis;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>What Istio's analysers find in Istio's own files is found here: the same code for the same object.</summary>
public sealed class IstioAnalyzerTests(ITestOutputHelper output)
{
    // What each analyser speaks about: its codes, and for a code that several of them use, the fields.
    private static readonly Dictionary<string, (string Code, string Field)[]> Subjects = new()
    {
        ["annotations.K8sAnalyzer"] = [("IST0107", ""), ("IST0108", ""), ("IST0125", ""), ("IST0135", "")],
        ["annotations.AlphaAnalyzer"] = [("IST0136", "")],
        ["authn.BlockedCIDRsAnalyzer"] = [("IST0175", "")],
        ["authz.AuthorizationPoliciesAnalyzer"] = [("IST0101", ""), ("IST0127", "")],
        ["conditions.ConditionAnalyzer"] = [("IST0171", "")],
        ["deployment.ApplicationUIDAnalyzer"] = [("IST0144", "")],
        ["deployment.ServiceAssociationAnalyzer"] = [("IST0116", ""), ("IST0137", "")],
        ["deprecation.FieldAnalyzer"] = [("IST0002", "")],
        ["destinationrule.CaCertificateAnalyzer"] = [("IST0128", ""), ("IST0129", "")],
        ["destinationrule.PodNotSelectedAnalyzer"] = [("IST0173", "")],
        ["envoyfilter.EnvoyPatchAnalyzer"] = [("IST0151", ""), ("IST0152", ""), ("IST0153", ""), ("IST0154", ""), ("IST0155", "")],
        ["gateway.CertificateAnalyzer"] = [("IST0138", "")],
        ["gateway.ConflictingGatewayAnalyzer"] = [("IST0145", "")],
        ["gateway.IngressGatewayPortAnalyzer"] = [("IST0101", "spec.selector"), ("IST0162", "")],
        ["gateway.SecretAnalyzer"] = [("IST0101", "credentialName"), ("IST0161", "")],
        ["injection.Analyzer"] = [("IST0102", ""), ("IST0103", ""), ("IST0123", "")],
        ["k8sgateway.SelectorAnalyzer"] = [("IST0166", "")],
        ["schemaValidation.CollectionValidationAnalyzer"] = [("IST0130", ""), ("IST0131", "")],
        ["service.PortNameAnalyzer"] = [("IST0118", ""), ("IST0150", "")],
        ["serviceentry.ConflictingServiceEntryProtocolAnalyzer"] = [("IST0177", "")],
        ["serviceentry.ProtocolAddressesAnalyzer"] = [("IST0134", "")],
        ["sidecar.SelectorAnalyzer"] = [("IST0110", ""), ("IST0111", ""), ("IST0127", ""), ("IST0167", "")],
        ["telemetry.DefaultSelectorAnalyzer"] = [("IST0160", "")],
        ["telemetry.ProviderAnalyzer"] = [("IST0157", "")],
        ["virtualservice.DestinationHostAnalyzer"] = [("IST0101", ".host"), ("IST0112", ""), ("IST0140", "")],
        ["virtualservice.DestinationRuleAnalyzer"] = [("IST0101", ".subset")],
        ["virtualservice.GatewayAnalyzer"] = [("IST0101", "spec.gateways"), ("IST0132", ""), ("IST0165", "")],
        ["virtualservice.JWTClaimRouteAnalyzer"] = [("IST0149", "")],
    };

    // Analysers of what Mesh does not have; docs/differences.md says why.
    private static readonly string[] Elsewhere =
    [
        "externalcontrolplane.ExternalControlPlaneAnalyzer", "injection.ImageAnalyzer", "k8sgateway.CRDVersionAnalyzer", "webhook.Analyzer",
    ];

    // Cases that cannot agree; docs/differences.md says why.
    private static readonly string[] Different = ["istioInjectionEnableNamespacesByDefault"];

    private static readonly DateTimeOffset Now = new(2026, 8, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Findings_are_those_of_Istio()
    {
        var folder = Needs.Cases("istio-analyzers");
        var tests = Yaml.Documents(File.ReadAllText(Path.Combine(folder, "expectations.yaml"))).Single().AsArray().Select(test => test!).ToList();
        var disagreeing = new List<string>();
        var tried = 0;
        foreach (var test in tests)
        {
            var analyzer = test["analyzer"]!.ToString();
            if (Elsewhere.Contains(analyzer) || Different.Contains(test["name"]!.ToString())) continue;
            tried++;
            var expected = test["expected"]!.AsArray().Select(finding => $"{finding!["message"]!.ToString().Split(' ')[0]} {finding["resource"]}").Distinct().Order(StringComparer.Ordinal);
            var found = Found(Files(folder, test), Subjects[analyzer]);
            if (!expected.SequenceEqual(found)) disagreeing.Add($"{test["name"]} ({analyzer})\n   Istio: {string.Join("; ", expected.Except(found))}\n   we:    {string.Join("; ", found.Except(expected))}");
        }

        output.WriteLine($"{tried - disagreeing.Count} of {tests.Count} cases agree, {tests.Count - tried} are of analysers Mesh does not have");
        Assert.True(disagreeing.Count == 0, string.Join('\n', disagreeing));
        Assert.NotEqual(0, tried);
    }

    /// <summary>Files that come without an expectation of their own; what is expected stands in their comments.</summary>
    [Theory]
    [InlineData("virtualservice_conflictingmeshgatewayhosts.yaml", "IST0109", "VirtualService/foo/productpage VirtualService/foo/bogus-productpage VirtualService/foo/ratings VirtualService/bar/ratings VirtualService/team2/ratings VirtualService/team3/ratings VirtualService/team4/ratings")]
    [InlineData("virtualservice_conflictingmeshgatewayhosts_with_exportto.yaml", "IST0109", "VirtualService/foo/productpage VirtualService/bar/productpage VirtualService/foo/productpage-c VirtualService/bar/productpage-c VirtualService/foo/productpage-d VirtualService/bar/productpage-d")]
    [InlineData("virtualservice_destinationhosts.yaml", "MESH0038", "VirtualService/default/reviews-bookinfo-eu")]
    [InlineData("virtualservice_destinationhosts.yaml", "IST0112", "VirtualService/default/reviews-2port-missing")]
    [InlineData("sidecar-selector.yaml", "IST0101", "Sidecar/default/maps-to-nonexistent Sidecar/other/maps-to-different-ns")]
    [InlineData("sidecar-selector.yaml", "IST0110", "Sidecar/default/dupe-1 Sidecar/default/dupe-2 Sidecar/default/overlap-1 Sidecar/default/overlap-2")]
    [InlineData("serviceentry-no-conflict-protocol.yaml", "IST0177", "")]
    [InlineData("gateway-no-workload.yaml", "IST0101", "Gateway/httpbin-gateway")]
    [InlineData("gateway-no-port.yaml", "IST0162", "Gateway/httpbin-gateway")]
    [InlineData("gateway-custom-ingressgateway-badport.yaml", "IST0162", "Gateway/httpbin-gateway")]
    [InlineData("gateway-custom-ingressgateway-badport-notarget.yaml", "IST0162", "Gateway/httpbin-gateway")]
    [InlineData("gateway-custom-ingressgateway-svcselector.yaml", "IST0162", "Gateway/httpbin8002-gateway")]
    [InlineData("gateway-secrets.yaml", "IST0101", "Gateway/bogusgateway Gateway/customgateway-wrongnamespace Gateway/defaultgateway-bogusCredentialName")]
    [InlineData("gateway-secrets.yaml", "IST0161", "")]
    [InlineData("conflicting-gateways.yaml", "IST0145", "Gateway/alpha Gateway/beta")]
    [InlineData("conflicting-gateways-subSelector.yaml", "IST0145", "Gateway/alpha Gateway/beta")]
    [InlineData("gateway-different-port.yaml", "IST0145", "")]
    [InlineData("virtualservice_host_not_found_gateway_beta.yaml", "IST0132", "VirtualService/default/testing-service-02-test-01 VirtualService/default/testing-service-02-test-02 VirtualService/default/testing-service-02-test-03 VirtualService/default/testing-service-03-test-04")]
    [InlineData("virtualservice_host_not_found_gateway_with_ns_prefix_beta.yaml", "IST0132", "VirtualService/default/testing-service-01-test-01")]
    [InlineData("authorizationpolicies.yaml", "IST0101", "AuthorizationPolicy/httpbin/httpbin-bogus-not-ns AuthorizationPolicy/httpbin/httpbin-bogus-ns")]
    [InlineData("authorizationpolicies.yaml", "IST0127", "AuthorizationPolicy/istio-system/meshwide-httpbin-v1 AuthorizationPolicy/httpbin-empty/httpbin-empty-namespace-wide AuthorizationPolicy/httpbin/httpbin-nopods AuthorizationPolicy/test-ambient/no-workload")]
    [InlineData("serviceentry-address-allocated.yaml", "IST0134", "")]
    [InlineData("telemetry-selector.yaml", "IST0159", "Telemetry/default/dupe-1 Telemetry/default/dupe-2 Telemetry/default/overlap-1 Telemetry/default/overlap-2")]
    [InlineData("telemetry-selector.yaml", "IST0101", "Telemetry/default/maps-to-nonexistent Telemetry/other/maps-to-different-ns")]
    [InlineData("misannotated.yaml", "IST0107", "Pod/grafana-test Deployment/fortio-deploy Namespace/staging")]
    [InlineData("misannotated.yaml", "IST0108", "Service/httpbin")]
    [InlineData("misannotated.yaml", "IST0125", "Pod/invalid-annotations")]
    [InlineData("misannotated.yaml", "IST0135", "Deployment/fortio-deploy")]
    [InlineData("misannotated.yaml", "IST0136", "Deployment/fortio-deploy Pod/invalid-annotations Service/httpbin Pod/anno-not-set-by-default")]
    [InlineData("deployment-con-sec-uid.yaml", "IST0144", "Deployment/deploy-con-sec-uid")]
    [InlineData("deployment-pod-sec-uid.yaml", "IST0144", "Deployment/deploy-pod-sec-uid")]
    [InlineData("pod-con-sec-uid.yaml", "IST0144", "Pod/con-sec-uid")]
    [InlineData("image-auto.yaml", "IST0146", "Deployment/not-injected/non-injected-gateway-deployment")]
    [InlineData("image-auto.yaml", "IST0147", "Pod/default/injected-pod")]
    [InlineData("destinationrule-mutual-port.yaml", "IST0129", "DestinationRule/db-mtls")]
    [InlineData("destinationrule-simple-destination.yaml", "IST0128", "DestinationRule/db-tls")]
    [InlineData("destinationrule-simple-destination-credentialname-selector.yaml", "IST0128", "")]
    [InlineData("destinationrule-simple-port-credentialname-selector.yaml", "IST0129", "")]
    public void A_file_says_itself_what_is_wrong(string file, string code, string resources)
    {
        var found = MeshAnalysis.OfFiles(Documents(Path.Combine(Needs.Cases("istio-analyzers"), "testdata", file)), Now);
        Assert.Equal(resources.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), found.Where(finding => finding.Code == code).Select(finding => finding.Resource).Distinct().Order(StringComparer.Ordinal));
    }

    private static List<JsonElement> Files(string folder, JsonNode test) =>
        [.. test["inputFiles"]!.AsArray().Select(file => Path.Combine(folder, file!.ToString())).SelectMany(Documents)];

    private static List<JsonElement> Documents(string file) =>
    [
        .. Yaml.Documents(File.ReadAllText(file)).SelectMany(document => document["kind"]!.ToString() == "List" ? document["items"]!.AsArray().Select(item => item!) : [document])
            .Select(document => JsonSerializer.SerializeToElement(document)),
    ];

    private static List<string> Found(List<JsonElement> documents, (string Code, string Field)[] subjects) =>
    [
        .. MeshAnalysis.OfFiles(documents, Now)
            // Waypoints belong to a mode of Istio that Mesh does not have: to us their Service is one like any other.
            .Where(finding => subjects.Any(subject => finding.Code == subject.Code && finding.Path.Contains(subject.Field, StringComparison.Ordinal)) && !finding.Resource.EndsWith("-waypoint", StringComparison.Ordinal))
            .Select(finding => $"{finding.Code} {string.Join(' ', finding.Resource.Split('/', 2))}")
            .Distinct().Order(StringComparer.Ordinal),
    ];
}
