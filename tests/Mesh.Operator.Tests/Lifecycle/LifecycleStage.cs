using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Tests.Control;
using Mesh.Testing;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>A stage whose API server can go and come back with what it had, or with what it once had.</summary>
public abstract class LifecycleStage() : ControlStage(keeps: true)
{
    private protected Task<V1ConfigMap?> RecordAsync(string pod, string holds) => Eventually.Is(
        () => _cluster.Api.GetAsync<V1ConfigMap>("mesh-" + pod, "default"), record => record?.Data["config.json"].Contains(holds, StringComparison.Ordinal) == true, $"the record of {pod} holds {holds}");

    private protected async Task ObeysAsync(SpeakingSidecar sidecar, string pod, string holds)
    {
        var record = await RecordAsync(pod, holds);
        await Eventually.True(() => sidecar.Report.Hash == record!.Metadata.Annotations[MeshLabels.Hash], $"the sidecar of {pod} obeys");
    }

    private protected Task ReadyAsync(string rule) => Eventually.True(
        async () => (await _cluster.Api.GetAsync<V1VirtualService>(rule, "default"))?.Status is { } status
            && new[] { ConditionTypes.Programmed, ConditionTypes.Ready }.All(type => status.Conditions.Any(c => c.Type == type && c.Status == "True")),
        $"{rule} is ready");

    private protected Task ChangeAsync(string rule, string timeout) => _cluster.Api.PatchAsync<V1VirtualService>(
        new EntityKey("default", rule), $$$"""{"spec":{"http":[{"timeout":"{{{timeout}}}","route":[{"destination":{"host":"reviews"}}]}]}}""");
}
