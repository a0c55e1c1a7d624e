using k8s.Models;
using Mesh.Api;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Istio beside the mesh: when the two share a root, and what follows from it.</summary>
public sealed class NeighbourTests : IDisposable
{
    private readonly TestAuthority common = new();
    private readonly TestAuthority other = new();

    public void Dispose()
    {
        common.Dispose();
        other.Dispose();
    }

    [Fact]
    public void Roots_are_in_common_where_Istio_trusts_who_signs_here_under_one_trust_domain()
    {
        Assert.True(Beside([common], "").SharesRoot);
        Assert.True(Beside([other, common], "trustDomain: cluster.local").SharesRoot);
        Assert.Contains("do not trust the root that signs here", Why(Beside([other], "")), StringComparison.Ordinal);
        Assert.Contains("trustDomain is \"cluster.local\" here and \"corp.example\" in ConfigMap istio-system/istio", Why(Beside([common], "trustDomain: corp.example")), StringComparison.Ordinal);
        Assert.Contains("istio-ca-root-cert", Why(MeshSnapshot.Empty.PutRoots(Own)), StringComparison.Ordinal);
        Assert.Contains("istio.io/rev", Why(MeshSnapshot.Empty.PutRoots(Own).Put(Roots([common]))), StringComparison.Ordinal);
    }

    [Fact]
    public void What_went_away_counts_no_longer_and_what_says_nothing_changes_nothing()
    {
        var beside = Beside([common], "");
        Assert.Same(beside, beside.Put(Map("kube-system", "coredns", ("Corefile", ""))));
        Assert.Same(beside, beside.Put(Roots([common])));
        Assert.False(beside.Remove(Roots([common])).SharesRoot);
        Assert.False(beside.Remove(Settings("")).SharesRoot);
        Assert.False(beside.PutRoots(SpiffeCertificates.FingerprintOf(other.Root)).SharesRoot);
        Assert.False(beside.Put(Map("mesh-system", "istio-ca-root-cert", ("root-cert.pem", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----"))).SharesRoot);
        // Another namespace's copy may be anybody's.
        Assert.True(beside.Put(Map("default", "istio-ca-root-cert", ("root-cert.pem", other.Root.ExportCertificatePem()))).SharesRoot);
    }

    [Theory]
    [InlineData(true, "{}", true)]
    [InlineData(true, "{mtls: {mode: DISABLE}}", false)]
    [InlineData(false, "{}", false)]
    public void A_pod_of_Istio_is_called_in_mutual_TLS_under_a_common_root_alone(bool isCommon, string peers, bool mutual)
    {
        var snapshot = With(isCommon, Given.PeerAuthentication("p", peers));
        var before = MeshPlanner.Plan(With(!isCommon, Given.PeerAuthentication("p", peers)));

        var member = Assert.Single(MeshPlanner.Plan(snapshot, before).ConfigOf("a-1").MembersOf("b.default.svc.cluster.local", 8080));

        Assert.Equal((mutual, isCommon ? "b-sa" : ""), (member.MutualTls, member.ServiceAccount));
    }

    [Fact]
    public void Pods_are_marked_for_Istio_under_a_common_root()
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "web", Image = "web" }] } };

        var marked = PodInjector.Inject(pod, new InjectionSettings().For(Beside([common], ""), pod), "mesh-stamp");

        Assert.Equal(("istio", "mutual"), (marked.Pod!.Metadata.Labels["security.istio.io/tlsMode"], marked.Pod.Metadata.Labels["mesh.dev/tls-mode"]));
        Assert.Empty(marked.Warnings);
        Assert.True(InjectionSettings.FromJson(new InjectionSettings { SharesRoot = true }.ToJson()).SharesRoot);
        Assert.DoesNotContain("security.istio.io/tlsMode", PodInjector.Inject(marked.Pod, new InjectionSettings().For(Beside([other], ""), pod), "mesh-stamp").Pod!.Metadata.Labels.Keys);
    }

    [Theory]
    [InlineData(true, true, null)]
    [InlineData(true, false, Severity.Info)]
    [InlineData(false, true, Severity.Warning)]
    [InlineData(false, false, null)]
    public void Analysis_names_pods_that_are_marked_for_what_no_longer_holds(bool isCommon, bool isMarked, Severity? told)
    {
        var labels = isMarked ? ", security.istio.io/tlsMode: istio" : "";
        var found = MeshAnalysis.OfCluster(
            [
                Roots(isCommon ? [common] : [other]), Settings(""), Map("default", "mesh-root", ("roots.pem", common.Root.ExportCertificatePem())),
                k8s.KubernetesYaml.Deserialize<V1Pod>(Given.MutualPod("b-1", "app: b" + labels)),
            ], DateTimeOffset.UnixEpoch);

        Assert.Equal(isCommon ? 0 : 1, found.Count(finding => finding.Code == FindingCodes.RootsApart));
        Assert.Equal(told, found.SingleOrDefault(finding => finding.Code == FindingCodes.OthersTlsModeStale)?.Severity);
    }

    private string Own => SpiffeCertificates.FingerprintOf(common.Root);

    private MeshSnapshot Beside(TestAuthority[] trusted, string settings) => MeshSnapshot.Empty.PutRoots(Own).Put(Roots(trusted)).Put(Settings(settings));

    private MeshSnapshot With(bool isCommon, string peers) => Beside([isCommon ? common : other], "")
        .With(Given.Service("b", "{name: http, port: 8080}")).With(Given.Slice("b", 8080, Given.Endpoint("10.1.0.2", "b-1"))).With(Given.MutualPod("a-1", "app: a"))
        .With("{apiVersion: v1, kind: Pod, metadata: {name: b-1, namespace: default, uid: b, labels: {app: b, security.istio.io/tlsMode: istio}}, spec: {serviceAccountName: b-sa, containers: [{name: app}, {name: istio-proxy}]}, status: {phase: Running, podIP: 10.1.0.2}}")
        .With(peers);

    private static string Why(MeshSnapshot snapshot) => snapshot.Neighbour.WhyApart(snapshot.Settings.TrustDomain);

    private static V1ConfigMap Roots(TestAuthority[] trusted) => Map("mesh-system", "istio-ca-root-cert", ("root-cert.pem", string.Concat(trusted.Select(one => one.Root.ExportCertificatePem() + "\n"))));

    private static V1ConfigMap Settings(string yaml)
    {
        var map = Map("istio-system", "istio", ("mesh", yaml));
        map.Metadata.Labels = new Dictionary<string, string> { ["istio.io/rev"] = "default" };
        return map;
    }

    private static V1ConfigMap Map(string ns, string name, params (string Key, string Value)[] data) =>
        new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns }, Data = data.ToDictionary(pair => pair.Key, pair => pair.Value) };
}
