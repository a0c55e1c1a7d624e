using k8s.Models;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Operator.Tests.Control;

/// <summary>Where mesh-root stands, what is in it, and whose it is.</summary>
public sealed class TrustTests() : ControlStage(withService: false)
{
    [Fact]
    public async Task It_stands_in_an_enabled_namespace_before_the_first_pod()
    {
        await _cluster.StartOperatorAsync(o => o with { ControlAddress = "10.0.0.1:15012" });
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        var map = await _pods.MapAsync("shop", m => m is not null);
        Assert.Equal(MeshLabels.ManagedByOperator, map!.Metadata.Labels[MeshLabels.ManagedBy]);
        Assert.Equal(["address", "operator", "roots.pem", "trust-domain"], map.Data.Keys.Order());
        Assert.Equal("10.0.0.1:15012", map.Data[WellKnown.TrustAddress]);
        Assert.Equal("spiffe://cluster.local/ns/mesh-system/sa/mesh-operator", map.Data[WellKnown.TrustOperator]);
        Assert.DoesNotContain("PRIVATE", string.Concat(map.Data.Values));
    }

    [Fact]
    public async Task The_key_stands_in_the_secret_and_nowhere_else()
    {
        await _cluster.StartOperatorAsync();
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        await _pods.MapAsync("shop", m => m is not null);
        var secret = await _cluster.Api.GetAsync<V1Secret>("mesh-ca", "mesh-system");
        Assert.Contains("PRIVATE KEY", System.Text.Encoding.ASCII.GetString(secret!.Data["ca.key"]));
        foreach (var map in await _cluster.Api.ListAsync<V1ConfigMap>()) Assert.DoesNotContain("PRIVATE KEY", k8s.KubernetesJson.Serialize(map));
    }

    [Fact]
    public async Task An_edit_is_put_back_with_an_event_and_a_deletion_is_undone()
    {
        await _cluster.StartOperatorAsync();
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        var good = await _pods.MapAsync("shop", m => m is not null);
        await _cluster.Api.PatchAsync<V1ConfigMap>(new EntityKey("shop", WellKnown.TrustConfigMap), new { data = new Dictionary<string, string> { [WellKnown.TrustRoots] = "mine" } });
        await _pods.MapAsync("shop", m => m?.Data[WellKnown.TrustRoots] == good!.Data[WellKnown.TrustRoots]);
        await _pods.EventsAsync("TrustRestored", "shop");
        await _cluster.Api.DeleteAsync<V1ConfigMap>(WellKnown.TrustConfigMap, "shop");
        await _pods.MapAsync("shop", m => m is not null && m.Metadata.Uid != good!.Metadata.Uid);
    }

    [Fact]
    public async Task A_foreign_ConfigMap_of_that_name_is_never_touched()
    {
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        var foreign = await _cluster.Api.CreateAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = WellKnown.TrustConfigMap, NamespaceProperty = "shop" },
            Data = new Dictionary<string, string> { ["mine"] = "yes" },
        });
        await _cluster.StartOperatorAsync();
        await _pods.EventsAsync("TrustNameTaken", "shop");
        Assert.Equal(foreign.Metadata.ResourceVersion, (await _cluster.Api.GetAsync<V1ConfigMap>(WellKnown.TrustConfigMap, "shop"))!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task It_goes_when_the_namespace_leaves_the_mesh_and_no_pod_needs_it()
    {
        await _cluster.StartOperatorAsync();
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        await _pods.MapAsync("shop", m => m is not null);
        var pod = Make.MeshedPod("cart-1", "cart", "v1", "shop");
        pod.Metadata.Labels[MeshLabels.Inject] = "false";
        await _cluster.Api.CreateAsync(pod);
        await _cluster.Api.PatchAsync<V1Namespace>(new EntityKey("", "shop"), """{"metadata":{"labels":{"istio-injection":null}}}""");
        await CreateAsync("later", MeshLabels.InjectionEnabled);
        await _pods.MapAsync("later", m => m is not null);
        Assert.NotNull(await _cluster.Api.GetAsync<V1ConfigMap>(WellKnown.TrustConfigMap, "shop"));
        await _cluster.Api.DeleteAsync<V1Pod>("cart-1", "shop");
        await _pods.MapAsync("shop", m => m is null);
    }

    [Fact]
    public async Task A_second_operator_takes_the_roots_that_are_there()
    {
        await CreateAsync("shop", MeshLabels.InjectionEnabled);
        var app = await _cluster.StartOperatorAsync();
        var before = await _pods.MapAsync("shop", m => m is not null);
        await _cluster.StopOperatorAsync(app);
        await _cluster.StartOperatorAsync();
        await CreateAsync("later", MeshLabels.InjectionEnabled);
        var after = await _pods.MapAsync("later", m => m is not null);
        Assert.Equal(before!.Data[WellKnown.TrustRoots], after!.Data[WellKnown.TrustRoots]);
    }

    [Fact]
    public async Task A_secret_that_holds_no_root_is_left_as_it_is_and_told_of()
    {
        var broken = await _cluster.Api.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "mesh-ca", NamespaceProperty = "mesh-system" }, Data = new Dictionary<string, byte[]> { ["ca.crt"] = "x"u8.ToArray() } });
        await _cluster.StartOperatorAsync();
        await _pods.EventsAsync("RootUnusable", "mesh-system");
        Assert.Equal(broken.Metadata.ResourceVersion, (await _cluster.Api.GetAsync<V1Secret>("mesh-ca", "mesh-system"))!.Metadata.ResourceVersion);
    }

    private Task CreateAsync(string name, string injection)
    {
        var made = Make.Namespace(name);
        made.Metadata.Labels = new Dictionary<string, string> { [MeshLabels.Injection] = injection };
        return _cluster.Api.CreateAsync(made);
    }
}
