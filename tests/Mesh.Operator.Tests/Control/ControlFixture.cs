using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Models;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Testing;

namespace Mesh.Operator.Tests.Control;

/// <summary>Pods with speaking sidecars over an embedded cluster, whose API server gives and reviews their tokens.</summary>
internal sealed class ControlFixture(EmbeddedCluster cluster) : IAsyncDisposable
{
    private readonly Kubernetes _kubernetes = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig));
    private readonly List<SpeakingSidecar> _sidecars = [];

    public KubernetesApi Api => cluster.Api;

    /// <summary>A pod that runs, its sidecar listening, its address known to the cluster.</summary>
    public Task<(V1Pod Pod, SpeakingSidecar Sidecar)> RunAsync(string name, string app, Action<SpeakingSidecar>? change = null) => RunAsync(Make.MeshedPod(name, app, "v1"), change);

    public async Task<(V1Pod Pod, SpeakingSidecar Sidecar)> RunAsync(V1Pod made, Action<SpeakingSidecar>? change = null)
    {
        await AccountAsync("default");
        var name = made.Metadata.Name;
        var pod = await Api.CreateAsync(made);
        var sidecar = await SpeakingSidecar.StartAsync("default", name, pod.Metadata.Uid, await TokenAsync(pod));
        _sidecars.Add(sidecar);
        await TrustAsync(sidecar);
        change?.Invoke(sidecar);
        await AddressAsync(name, sidecar.Address);
        return (pod, sidecar);
    }

    public Task AddressAsync(string pod, string address) => Api.PatchAsync<V1Pod>(
        new EntityKey("default", pod), new { status = new { phase = "Running", podIP = address, podIPs = ImmutableArray.Create(new { ip = address }) } }, "status");

    /// <summary>The token that a kubelet would project into the pod.</summary>
    public async Task<string> TokenAsync(V1Pod pod, string audience = WellKnown.TokenAudience, string account = "default")
    {
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec { Audiences = [audience], ExpirationSeconds = 3600, BoundObjectRef = new V1BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid } },
        };
        return (await _kubernetes.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, account, "default")).Status.Token;
    }

    /// <summary>What the pod's mount would hold.</summary>
    public async Task TrustAsync(SpeakingSidecar sidecar)
    {
        var map = await MapAsync("default", m => m is not null);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(map!.Data[WellKnown.TrustRoots]);
        sidecar.Roots = roots;
        Assert.True(SpiffeId.TryParse(map.Data[WellKnown.TrustOperator], out var id));
        sidecar.Operator = id;
    }

    public Task<V1ConfigMap?> MapAsync(string @namespace, Func<V1ConfigMap?, bool> wanted) =>
        Eventually.Is(() => Api.GetAsync<V1ConfigMap>(WellKnown.TrustConfigMap, @namespace), wanted, $"mesh-root of {@namespace}");

    public Task<IReadOnlyList<Eventsv1Event>> EventsAsync(string reason, string @namespace = "default") => Eventually.Is(
        async () => (IReadOnlyList<Eventsv1Event>)[.. (await Api.ListAsync<Eventsv1Event>(@namespace)).Where(e => e.Reason == reason)], found => found.Count > 0, $"an event {reason}");

    public async Task AccountAsync(string name)
    {
        if (await Api.GetAsync<V1ServiceAccount>(name, "default") is not null) return;
        try
        {
            await Api.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" } });
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // A controller was first.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in _sidecars) await sidecar.DisposeAsync();
        _kubernetes.Dispose();
    }
}
