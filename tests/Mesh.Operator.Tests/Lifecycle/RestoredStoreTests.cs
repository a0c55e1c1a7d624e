using k8s.Models;
using Mesh.Api.Networking;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>The API server's store is put back to an earlier copy, as etcd is from a backup.</summary>
public sealed class RestoredStoreTests : LifecycleStage
{
    [Fact]
    public async Task All_is_as_it_was_then_and_true_again()
    {
        var first = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await _cluster.Api.CreateAsync(Make.Service("ratings"));
        await _cluster.Api.CreateAsync(Make.Slice("ratings", "10.1.0.8"));
        await _cluster.Api.CreateAsync(Make.VirtualService("ratings", "ratings", "3s"));
        await ObeysAsync(sidecar, "client-1", "\"3s\"");
        await ReadyAsync("reviews");
        var copy = _cluster.Server.CopyObjects();

        // What the copy knows nothing of: another leader, other rules, another pod.
        await _cluster.StopOperatorAsync(first);
        var second = await _cluster.StartOperatorAsync();
        await ChangeAsync("reviews", "9s");
        await _cluster.Api.DeleteAsync<V1VirtualService>("ratings", "default");
        await _cluster.Api.CreateAsync(Make.VirtualService("later", "ratings", "4s"));
        var (_, later) = await _pods.RunAsync("client-2", "client");
        await ObeysAsync(later, "client-2", "\"9s\"");
        await ObeysAsync(sidecar, "client-1", "\"4s\"");
        await Eventually.True(() => sidecar.Greeting!.Epoch == 2, "a session with the second leader");
        var revision = sidecar.Report.Revision;
        // Since the copy was made leaders came and went.
        sidecar.Hello = sidecar.Hello with { Epoch = 9 };

        await _cluster.Server.StartAgainAsync(copy);
        var loops = second.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var rollback = second.Services.GetRequiredService<StoreRollback>();
        await _cluster.EndedAsync(second);
        // It ended by its own decision, which is said in one line: no loop broke down, which the host would tell of with its stack.
        Assert.True(rollback.HasHappened);
        Assert.DoesNotContain(loops, loop => loop.ExecuteTask?.IsFaulted == true);
        await _cluster.StartOperatorAsync();

        await ObeysAsync(sidecar, "client-1", "\"3s\"");
        var record = await RecordAsync("client-1", "\"7s\"");
        Assert.DoesNotContain("\"9s\"", record!.Data["config.json"]);
        Assert.True(sidecar.Report.Revision > revision, $"revision {sidecar.Report.Revision} after {revision}");
        Assert.Equal(10, sidecar.Greeting!.Epoch);
        await ReadyAsync("reviews");
        await ReadyAsync("ratings");
        Assert.Equal(["ratings", "reviews"], (await _cluster.Api.ListAsync<V1VirtualService>("default")).Select(rule => rule.Metadata.Name).Order());
        Assert.Equal(["client-1"], (await _cluster.Api.ListAsync<V1Pod>("default")).Select(pod => pod.Metadata.Name));
        await _cluster.Api.CreateAsync(Make.VirtualService("later", "ratings", "5s"));
        await Eventually.True(async () => (await _cluster.Api.GetAsync<V1VirtualService>("later", "default"))?.Status is not null, "what comes now is judged");
    }
}
