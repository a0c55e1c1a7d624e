using Grpc.Core;
using Grpc.Health.V1;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Sidecar.Tests;

/// <summary>Active health checks on the wire.</summary>
public sealed class HealthCheckTests
{
    private static readonly HealthCheck Http = new()
    {
        Probe = HealthProbe.Http, Path = "/health", Interval = TimeSpan.FromMilliseconds(100), JitterPercent = 20,
        Timeout = TimeSpan.FromSeconds(5), UnhealthyThreshold = 2, HealthyThreshold = 2, InitiallyHealthy = false,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_that_says_it_is_unwell_gets_no_requests_until_it_is_well_again()
    {
        await using var sick = await PatientApp.StartAsync("sick");
        await using var well = await PatientApp.StartAsync("well");
        await using var sidecar = await TestSidecar.StartAsync(Config(Http, sick.Port, well.Port));
        using var client = sidecar.Client();
        await Eventually.True(() => Healthy(sidecar) == 2, "both to be found well");

        sick.Status = 503;
        await Eventually.True(() => Healthy(sidecar) == 1, "one to be found unwell");
        for (var i = 0; i < 10; i++) Assert.Equal("well", await client.GetStringAsync("http://reviews/", Cancel));

        sick.Status = 200;
        await Eventually.True(async () => await client.GetStringAsync("http://reviews/", Cancel) == "sick", "it to be used again");
    }

    [Fact]
    public async Task With_nobody_well_the_answer_is_503_UH_at_once()
    {
        await using var sick = await PatientApp.StartAsync("sick");
        sick.Status = 500;
        await using var sidecar = await TestSidecar.StartAsync(Config(Http, sick.Port), logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Contains("all 1 are left out", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 UH no_healthy_upstream", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
        Assert.Equal(0, sick.Requests);
    }

    [Fact]
    public async Task The_question_carries_what_it_is_told()
    {
        await using var app = await PatientApp.StartAsync("app");
        var check = Http with { Method = "HEAD", Host = "check.example", Headers = [new("x-check", "1")], ExpectedStatuses = [new(204, 204), new(300, 399)] };
        app.Status = 204;
        await using var sidecar = await TestSidecar.StartAsync(Config(check, app.Port));

        await Eventually.True(() => Healthy(sidecar) == 1, "204 to be taken as well");
        Assert.Equal("HEAD check.example 1", app.LastCheck);
        app.Status = 200;
        await Eventually.True(() => Healthy(sidecar) == 0, "200 not to be");
    }

    [Fact]
    public async Task A_member_that_does_not_answer_in_time_is_unwell()
    {
        await using var app = await TestApp.StartAsync(async c => await Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var sidecar = await TestSidecar.StartAsync(Config(Http with { InitiallyHealthy = true, Timeout = TimeSpan.FromMilliseconds(100) }, app.Port));
        await UseAsync(sidecar);

        await Eventually.True(() => Healthy(sidecar) == 0, "the silent one to be found unwell");
        Assert.Contains("did not answer within 0.1 s", sidecar.Sidecar.State.Current!.FindCluster(Cluster)!.Pool.Members[0].State.Health.Checked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_count_as_well_are_asked_once_the_cluster_is_used()
    {
        await using var app = await PatientApp.StartAsync("app");
        await using var sidecar = await TestSidecar.StartAsync(Config(Http with { InitiallyHealthy = true }, app.Port));
        using var client = sidecar.Client();
        Assert.Equal(1, Healthy(sidecar));
        Assert.Equal("", app.LastCheck);

        await client.GetStringAsync("http://reviews/", Cancel);

        await Eventually.True(() => app.LastCheck.Length > 0, "the member to be asked");
    }

    [Fact]
    public async Task A_closed_port_fails_the_check_of_a_connection()
    {
        await using var open = RawServer.Answering("");
        var check = Http with { Probe = HealthProbe.Tcp };
        await using var sidecar = await TestSidecar.StartAsync(Config(check, RawServer.ClosedPort(), open.Port));

        await Eventually.True(() => Healthy(sidecar) == 1, "one to be found well");
    }

    [Fact]
    public async Task A_connection_that_is_closed_at_once_fails_the_check()
    {
        await using var rude = new RawServer((_, _) => Task.CompletedTask);
        var asked = rude.Accepted;
        await using var sidecar = await TestSidecar.StartAsync(Config(Http with { Probe = HealthProbe.Tcp }, rude.Port));

        await Eventually.True(() => rude.Accepted > asked + 1, "it to be asked twice");
        Assert.Equal(0, Healthy(sidecar));
    }

    [Theory]
    [InlineData("shop", 1)]
    [InlineData("bank", 0)]
    public async Task A_grpc_service_is_asked_by_its_own_protocol(string service, int healthy)
    {
        await using var app = await TestApp.StartAsync(services => services.AddGrpc(), web => web.MapGrpcService<Service>(), HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(Config(Http with { Probe = HealthProbe.Grpc, Service = service }, app.Port));
        var member = sidecar.Sidecar.State.Current!.FindCluster(Cluster)!.Pool.Members[0].State.Health;

        await Eventually.True(() => member.Checked.Contains("for " + service, StringComparison.Ordinal), "the service to be asked");
        Assert.Equal(healthy, Healthy(sidecar));
    }

    [Fact]
    public async Task Another_port_may_be_asked()
    {
        await using var app = await PatientApp.StartAsync("app");
        await using var health = await PatientApp.StartAsync("health");
        app.Status = 500;
        await using var sidecar = await TestSidecar.StartAsync(Config(Http with { Port = health.Port }, app.Port));

        await Eventually.True(() => Healthy(sidecar) == 1, "the member to be found well");
        Assert.Equal("", app.LastCheck);
    }

    [Fact]
    public async Task When_the_check_goes_everybody_is_used_again()
    {
        await using var sick = await PatientApp.StartAsync("sick");
        sick.Status = 500;
        var config = Config(Http, sick.Port);
        await using var sidecar = await TestSidecar.StartAsync(config);
        await Eventually.True(() => sick.Checks > 0, "it to be asked");

        sidecar.Apply(config with { Revision = 2, Clusters = [.. config.Clusters.Select(cluster => cluster with { HealthCheck = null })] });

        await Eventually.True(() => Healthy(sidecar) == 1, "it to be used");
        Assert.Equal("", sidecar.Sidecar.State.Current!.FindCluster(Cluster)!.Pool.Members[0].State.Health.Checked);
    }

    [Fact]
    public async Task A_check_goes_over_the_members_mutual_tls()
    {
        await using var app = await PatientApp.StartAsync("app");
        await using var pair = await MeshedPair.StartAsync(app.Port);
        var config = MeshedPair.ClientConfig(AppProtocol.Http, true, pair.Server.Sidecar.InboundPort);
        pair.Client.Apply(config with { Revision = 2, Clusters = [.. config.Clusters.Select(cluster => cluster with { HealthCheck = Http })] });

        await Eventually.True(() => app.LastCheck.Length > 0, "the application to be asked through its sidecar");
        await Eventually.True(() => pair.Client.Sidecar.State.Current!.Clusters.Single(c => c.Config.ServiceName == MeshedPair.Service).Pool.Members[0].State.Health is { IsUnhealthy: false }, "it to be found well");
    }

    [Fact]
    public async Task Connections_kept_to_a_member_that_falls_ill_are_closed()
    {
        await using var app = await PatientApp.StartAsync("app");
        await using var sidecar = await TestSidecar.StartAsync(Config(Http, app.Port));
        using var client = sidecar.Client();
        await Eventually.True(() => Healthy(sidecar) == 1, "it to be found well");
        await client.GetStringAsync("http://reviews/", Cancel);
        var member = sidecar.Sidecar.State.Current!.FindCluster(Cluster)!.Pool.Members[0].State;
        Assert.Equal(1, member.Connections);

        app.Status = 500;

        await Eventually.True(() => member.Connections == 0, "the connection to be closed");
    }

    private static readonly string Cluster = ClusterNames.Outbound(9080, "", SidecarConfig.Fqdn("reviews"));

    private static int Healthy(TestSidecar sidecar) => sidecar.Sidecar.State.Current!.FindCluster(Cluster)!.Pool.Members.Count(member => !member.State.Health.IsOut);

    private static async Task UseAsync(TestSidecar sidecar)
    {
        using var client = sidecar.Client();
        using var limit = new CancellationTokenSource(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync("http://reviews/", limit.Token));
    }

    private static SidecarConfig Config(HealthCheck check, params int[] ports)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, ports);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { HealthCheck = check })] };
    }

    /// <summary>An application whose health is the test's to say.</summary>
    private sealed class PatientApp(TestApp app) : IAsyncDisposable
    {
        private int checks;
        private int requests;
        private int status = 200;
        private volatile string lastCheck = "";

        public int Port => app.Port;

        public int Checks => Volatile.Read(ref checks);

        public int Requests => Volatile.Read(ref requests);

        public string LastCheck => lastCheck;

        public int Status
        {
            set => Volatile.Write(ref status, value);
        }

        public static async Task<PatientApp> StartAsync(string name)
        {
            PatientApp? made = null;
            var app = await TestApp.StartAsync(c => made!.HandleAsync(c, name));
            return made = new PatientApp(app);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task HandleAsync(HttpContext context, string name)
        {
            if (context.Request.Path != "/health")
            {
                Interlocked.Increment(ref requests);
                return context.Response.WriteAsync(name);
            }

            lastCheck = $"{context.Request.Method} {context.Request.Host} {context.Request.Headers["x-check"]}";
            Interlocked.Increment(ref checks);
            context.Response.StatusCode = Volatile.Read(ref status);
            return Task.CompletedTask;
        }
    }

    private sealed class Service : Grpc.Health.V1.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
            Task.FromResult(new HealthCheckResponse { Status = request.Service == "shop" ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing });
    }
}
