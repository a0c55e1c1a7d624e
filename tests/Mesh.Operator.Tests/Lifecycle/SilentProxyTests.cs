using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Reports;
using Mesh.Operator.Tests.Control;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>Two proxies fall silent among others that answer: one in its session, which takes bytes and reads none, one that is polled and does not answer.</summary>
public sealed class SilentProxyTests : LifecycleStage
{
    [Fact]
    public async Task They_delay_nobodys_push_nobodys_report_and_no_status()
    {
        var app = await _cluster.StartOperatorAsync();
        var reports = app.Services.GetRequiredService<ReportBook>();
        var (pushed, polled) = (new List<(V1Pod Pod, SpeakingSidecar Sidecar)>(), new List<(V1Pod Pod, ScriptedSidecar Sidecar)>());
        for (var i = 1; i <= 3; i++) pushed.Add(await _pods.RunAsync($"pushed-{i}", "client"));
        for (var i = 1; i <= 3; i++)
        {
            var pod = await _cluster.Api.CreateAsync(Make.MeshedPod($"polled-{i}", "client", "v1"));
            polled.Add((pod, await ScriptedSidecar.StartAsync(pod.Metadata.Uid)));
            await _pods.AddressAsync(pod.Metadata.Name, polled[^1].Sidecar.Address);
        }

        await HoldAsync(polled, "reviews");
        await Eventually.True(() => pushed.All(one => one.Sidecar.Report.Hash.Length > 0) && polled.All(one => reports.Current.GetValueOrDefault(one.Pod.Metadata.Uid)?.Report is { Hash.Length: > 0 }), "all have answered once");
        var (deaf, mute) = (pushed[0], polled[0]);
        (deaf.Sidecar.IsDeaf, mute.Sidecar.Hangs) = (true, true);
        pushed.RemoveAt(0);
        polled.RemoveAt(0);
        // The sidecar reads on until the next message is there.
        await _cluster.Api.CreateAsync(Make.Service("ratings"));
        await _cluster.Api.CreateAsync(Make.Slice("ratings", "10.1.0.8"));
        foreach (var (pod, sidecar) in pushed) await ObeysAsync(sidecar, pod.Metadata.Name, "10.1.0.8");
        var heard = deaf.Sidecar.Pushes.Count;

        foreach (var rule in new[] { "reviews", "ratings" })
        {
            var timeout = rule == "reviews" ? "7s" : "8s";
            await _cluster.Api.CreateAsync(Make.VirtualService(rule, rule, timeout));
            foreach (var (pod, sidecar) in pushed) await ObeysAsync(sidecar, pod.Metadata.Name, $"\"{timeout}\"");
            await HoldAsync(polled, $"\"{timeout}\"");
            foreach (var (pod, _) in polled)
            {
                var record = await RecordAsync(pod.Metadata.Name, $"\"{timeout}\"");
                await Eventually.True(() => reports.Current[pod.Metadata.Uid].Report!.Hash == record!.Metadata.Annotations[MeshLabels.Hash], $"{pod.Metadata.Name} is heard");
            }

            var status = (await Eventually.Is(async () => (await _cluster.Api.GetAsync<V1VirtualService>(rule, "default"))?.Status, s => s is not null, $"the status of {rule}"))!;
            Assert.Equal("False", Assert.Single(status.Conditions, c => c.Type == ConditionTypes.Programmed).Status);
        }

        Assert.Equal(heard, deaf.Sidecar.Pushes.Count);
        await _cluster.Api.DeleteAsync<V1Pod>(deaf.Pod.Metadata.Name, "default");
        await _cluster.Api.DeleteAsync<V1Pod>(mute.Pod.Metadata.Name, "default");
        await ReadyAsync("reviews");
        await ReadyAsync("ratings");
        foreach (var (_, sidecar) in polled) await sidecar.DisposeAsync();
        await mute.Sidecar.DisposeAsync();
    }

    private async Task HoldAsync(IEnumerable<(V1Pod Pod, ScriptedSidecar Sidecar)> polled, string text)
    {
        foreach (var (pod, sidecar) in polled) sidecar.Holds((await RecordAsync(pod.Metadata.Name, text))!.Data["config.json"]);
    }
}
