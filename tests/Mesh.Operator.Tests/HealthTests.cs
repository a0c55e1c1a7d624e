using System.Net;
using k8s.Models;
using Mesh.Operator.Health;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests;

/// <summary>What the probes say, and the order in which an operator ends.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await EmbeddedCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public void Only_a_turn_that_does_not_end_is_a_reason_to_restart()
    {
        Assert.Null(Liveness.ProblemOf([("planning", null), ("reconciling Pod", TimeSpan.FromSeconds(119))]));
        var problem = Liveness.ProblemOf([("planning", null), ("reconciling Pod", TimeSpan.FromSeconds(121))]);
        Assert.Equal("a turn does not end: reconciling Pod for 121 s", problem);
    }

    [Fact]
    public async Task An_operator_that_ends_is_not_ready_yet_leads_and_answers_until_others_have_noticed()
    {
        var (metrics, webhooks) = (FreePort.Find(), FreePort.Find());
        var app = await _cluster.StartOperatorAsync(o => o with
        {
            MetricsPort = metrics, WebhookPort = webhooks, WebhookUrl = new Uri($"https://127.0.0.1:{webhooks}"), DrainDelay = TimeSpan.FromSeconds(6),
        });
        var gate = app.Services.GetRequiredService<LeaderGate>();
        await Eventually.True(() => gate.IsLeading, "it leads");
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await AskAsync(metrics, "readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await AskAsync(metrics, "healthz"));

        var ending = _cluster.StopOperatorAsync(app);
        await Eventually.Is(() => AskAsync(metrics, "readyz"), answer => answer == (HttpStatusCode.ServiceUnavailable, "the operator is ending\n"), "not ready");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(metrics, "healthz")).Status);
        var review = await _http.PostAsync(new Uri($"https://127.0.0.1:{webhooks}/validate/virtualservice"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.BadRequest, review.StatusCode);
        Assert.True(gate.IsLeading);

        await ending;
        Assert.Equal("", (await _cluster.Api.GetAsync<V1Lease>("mesh-operator", "mesh-system"))!.Spec.HolderIdentity ?? "");
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(int port, string path)
    {
        var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/{path}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
