using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Objects;

namespace Mesh.Operator.Core.Tests;

/// <summary>Objects of files and of a cluster, looked at together.</summary>
public sealed class MeshAnalysisTests
{
    private static readonly DateTimeOffset Now = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Gateway = """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: gw, namespace: default}
        spec: {selector: {app: gw}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["a.example.org"], tls: {mode: SIMPLE, credentialName: cert}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: gw-1, namespace: default, uid: u, labels: {app: gw}}
        spec: {containers: [{name: gw}]}
        status: {phase: Running, podIP: 10.1.0.5}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: gw, namespace: default}
        spec: {selector: {app: gw}, ports: [{name: https, port: 443}]}
        """;

    [Fact]
    public void A_template_counts_as_its_pods()
    {
        const string Rule = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: web}
            spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
            """;
        const string Deployment = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web, version: v1}}, spec: {containers: [{name: web, image: web}]}}}
            """;
        Assert.Contains(MeshAnalysis.OfFiles(Documents(Rule), Now), finding => finding.Code == "IST0173" && finding.Resource == "DestinationRule/web");
        Assert.Empty(MeshAnalysis.OfFiles(Documents(Rule + "\n---\n" + Deployment), Now));
    }

    [Fact]
    public void Files_do_not_tell_what_is_ready_and_a_cluster_does()
    {
        var objects = Given.Service("web", "{name: http, port: 80}") + "\n---\n" + Given.VirtualService("web", "{hosts: [web], http: [{route: [{destination: {host: web}}]}]}");
        Assert.DoesNotContain(MeshAnalysis.OfFiles(Documents(objects), Now), finding => finding.Code == "MESH0013");
        Assert.Contains(MeshAnalysis.OfCluster(Objects(objects), Now), finding => finding.Code == "MESH0013");
    }

    [Fact]
    public void Of_Secrets_that_may_not_be_listed_none_is_said_to_be_missing()
    {
        Assert.Contains(MeshAnalysis.OfCluster(Objects(Gateway), Now), finding => finding.Code == "IST0101" && finding.Value == "cert");
        Assert.DoesNotContain(MeshAnalysis.OfCluster(Objects(Gateway), Now, typeof(V1Secret)), finding => finding.Code == "IST0101");
    }

    [Fact]
    public void A_value_of_a_wrong_type_is_a_finding_and_not_the_end()
    {
        var found = MeshAnalysis.OfFiles(Documents("{apiVersion: v1, kind: Service, metadata: {name: odd}, spec: {ports: nonsense}}\n---\n" + Gateway), Now);
        Assert.Contains(found, finding => finding.Code == "IST0106" && finding.Resource == "Service/odd");
        Assert.Contains(found, finding => finding.Code == "IST0101" && finding.Value == "cert");
    }

    [Fact]
    public void Each_thing_is_told_once()
    {
        var found = MeshAnalysis.OfFiles(Documents(Given.VirtualService("web", "{hosts: [web], http: [{route: [{destination: {host: web}, weight: -1}]}]}")), Now);
        Assert.Single(found, finding => finding.Path == "spec.http[0].route[0].weight");
    }

    private static List<JsonElement> Documents(string yaml) => [.. Yaml.Documents(yaml).Select(document => JsonSerializer.SerializeToElement(document))];

    private static List<IKubernetesObject<V1ObjectMeta>> Objects(string yaml) => [.. Documents(yaml).Select(document => ObjectReader.Read(document, "default")!)];
}
