using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Identity;

/// <summary>Which namespaces hold the roots.</summary>
public sealed class TrustNamespacesTests
{
    [Theory]
    [InlineData("istio-injection", "enabled", true)]
    [InlineData("istio-injection", "disabled", false)]
    [InlineData("istio.io/rev", "default", true)]
    [InlineData("team", "shop", false)]
    public void A_namespace_that_asks_for_sidecars_holds_them_before_the_first_pod(string label, string value, bool holds) =>
        Assert.Equal(holds, TrustNamespaces.Of(MeshSnapshot.Empty.Put(Namespace(label, value)), InjectionScope.Everyone, []).Contains("shop"));

    [Theory]
    [InlineData("istio-injection", "enabled", false)]
    [InlineData("istio.io/rev", "default", false)]
    [InlineData("istio.io/rev", "mesh", true)]
    public void Beside_another_mesh_only_one_that_names_ours_holds_them(string label, string value, bool holds) =>
        Assert.Equal(holds, TrustNamespaces.Of(MeshSnapshot.Empty.Put(Namespace(label, value)), new InjectionScope { Others = ["istio-sidecar-injector"] }, []).Contains("shop"));

    [Fact]
    public void A_namespace_that_forbids_sidecars_is_not_asked_for_by_its_revision()
    {
        var both = Namespace("istio-injection", "disabled");
        both.Metadata.Labels["istio.io/rev"] = "default";
        Assert.Empty(TrustNamespaces.Of(MeshSnapshot.Empty.Put(both), InjectionScope.Everyone, []));
    }

    [Fact]
    public void A_namespace_keeps_them_as_long_as_a_pod_of_the_mesh_is_in_it()
    {
        var snapshot = MeshSnapshot.Empty.Put(Namespace("team", "shop")).Put(Pod("Running"));
        Assert.Equal(["shop"], TrustNamespaces.Of(snapshot, InjectionScope.Everyone, []));
        Assert.Empty(TrustNamespaces.Of(snapshot.Put(Pod("Succeeded")), InjectionScope.Everyone, []));
    }

    [Fact]
    public void A_namespace_of_a_pod_just_admitted_holds_them_at_once() =>
        Assert.Equal(["shop"], TrustNamespaces.Of(MeshSnapshot.Empty, InjectionScope.Everyone, ["shop"]));

    private static V1Namespace Namespace(string label, string value) =>
        new() { Metadata = new V1ObjectMeta { Name = "shop", Labels = new Dictionary<string, string> { [label] = value } } };

    private static V1Pod Pod(string phase) => new()
    {
        Metadata = new V1ObjectMeta { Name = "cart-1", NamespaceProperty = "shop", Uid = "u1", Annotations = new Dictionary<string, string> { [MeshLabels.Config] = "mesh-x" } },
        Spec = new V1PodSpec(),
        Status = new V1PodStatus { Phase = phase },
    };
}
