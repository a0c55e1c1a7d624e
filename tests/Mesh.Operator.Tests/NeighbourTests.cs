using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Identity;
using Mesh.Operator.Webhooks;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests;

/// <summary>The operator beside an Istio that comes to trust its root, as <c>cacerts</c> of both makes it.</summary>
public sealed class NeighbourTests
{
    [Fact]
    public async Task Pods_are_marked_for_Istio_from_the_moment_it_trusts_our_root_and_the_event_says_so()
    {
        await using var cluster = await EmbeddedCluster.StartAsync();
        var app = await cluster.StartOperatorAsync();
        foreach (var name in (string[])["istio-system", "shop"])
            await cluster.Api.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name, Labels = name == "shop" ? new Dictionary<string, string> { [MeshLabels.Injection] = MeshLabels.InjectionEnabled } : null } });
        Assert.DoesNotContain(MeshLabels.OthersTlsMode, (await PodAsync(cluster, "before")).Metadata.Labels.Keys);

        var roots = app.Services.GetRequiredService<CertificateAuthority>().Current!.RootsPem;
        await cluster.Api.CreateAsync(Map("mesh-system", "istio-ca-root-cert", "root-cert.pem", roots));
        await cluster.Api.CreateAsync(Map("istio-system", "istio-1-27", "mesh", "trustDomain: cluster.local", ("istio.io/rev", "1-27")));
        await Eventually.True(() => app.Services.GetRequiredService<MeshState>().Current.SharesRoot, "the root in common is known");

        Assert.Equal("istio", (await PodAsync(cluster, "after")).Metadata.Labels[MeshLabels.OthersTlsMode]);

        // A leader that starts anew tells what it finds.
        await cluster.StopOperatorAsync(app);
        await cluster.StartOperatorAsync();
        await Eventually.True(
            async () => (await cluster.Api.ListAsync<Eventsv1Event>()).Any(said => said.Reason == "RootInCommon" && said.Regarding.Name == WebhookConfigurations.InjectorName), "the event");
    }

    private static Task<V1Pod> PodAsync(EmbeddedCluster cluster, string name) => cluster.Api.CreateAsync(new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "shop" },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "web", Image = "local/host", Command = ["sleep", "1"] }] },
    });

    private static V1ConfigMap Map(string ns, string name, string key, string value, params (string Key, string Value)[] labels) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns, Labels = labels.ToDictionary(label => label.Key, label => label.Value) },
        Data = new Dictionary<string, string> { [key] = value },
    };
}
