using k8s.Models;
using Mesh.Operator.Health;
using Mesh.Operator.Tests.Servers;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>The API server is away, or does not answer: what runs goes on, and what was missed is caught up with.</summary>
public sealed class UnreachableServerTests : LifecycleStage
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_server_that_is_gone_for_longer_than_the_lease_costs_no_restart_and_no_config()
    {
        var app = await _cluster.StartOperatorAsync(options => options with { LeaseDuration = Lease });
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await ObeysAsync(sidecar, "client-1", "\"7s\"");
        var (hash, epoch) = (sidecar.Report.Hash, sidecar.Greeting!.Epoch);

        await _cluster.Server.StopAsync();
        var gate = app.Services.GetRequiredService<LeaderGate>();
        await Eventually.True(() => !gate.IsLeading, "the term ends");
        Assert.Null(app.Services.GetRequiredService<Liveness>().Problem);
        Assert.Empty(app.Services.GetRequiredService<Readiness>().Problems);
        Assert.Equal(hash, sidecar.Report.Hash);

        await _cluster.Server.StartAgainAsync();
        await Eventually.True(() => gate.IsLeading && sidecar.IsInSession, "it leads again, and has its session");
        Assert.False(app.Lifetime.ApplicationStopping.IsCancellationRequested);
        // The lease was its own all the while: nobody else led.
        Assert.Equal(epoch, gate.Epoch);
        await ChangeAsync("reviews", "9s");
        await ObeysAsync(sidecar, "client-1", "\"9s\"");
        await ReadyAsync("reviews");
    }

    [Fact]
    public async Task What_changed_while_connections_hung_is_caught_up_with()
    {
        var server = new Uri(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(_cluster.Kubeconfig).Host);
        await using var proxy = new CuttingProxy(server.Host, server.Port);
        var app = await _cluster.StartOperatorAsync(options => options with { LeaseDuration = Lease }, proxy.Port);
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await ObeysAsync(sidecar, "client-1", "\"7s\"");

        proxy.Stalled = true;
        var gate = app.Services.GetRequiredService<LeaderGate>();
        await Eventually.True(() => !gate.IsLeading, "the term ends");
        // The API server reaches the operator all the while, and is answered.
        await ChangeAsync("reviews", "9s");
        var (_, later) = await _pods.RunAsync("client-2", "client");
        Assert.Null(app.Services.GetRequiredService<Liveness>().Problem);
        Assert.Contains("\"7s\"", (await _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"))!.Data["config.json"]);

        proxy.Stalled = false;
        await ObeysAsync(sidecar, "client-1", "\"9s\"");
        await ObeysAsync(later, "client-2", "\"9s\"");
        await ReadyAsync("reviews");
        // It gives its lease back over the proxy, which is gone after this.
        await _cluster.StopOperatorAsync(app);
    }
}
