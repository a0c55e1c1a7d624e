using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Core;

namespace Mesh.Sidecar.Tests.Probes;

public sealed class ProbePagesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_httpGet_is_made_with_its_headers_and_answered_with_its_status()
    {
        var seen = new TaskCompletionSource<(string Path, string Host, string Agent, string Extra, string Remote)>();
        await using var app = await TestApp.StartAsync(c =>
        {
            seen.TrySetResult((c.Request.Path + c.Request.QueryString, c.Request.Host.Value!, c.Request.Headers.UserAgent!, c.Request.Headers["X-Extra"]!, c.Connection.RemoteIpAddress!.ToString()));
            c.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        var answer = await AskAsync(
            $$$"""{"/app-health/web/livez":{"httpGet":{"path":"/healthz?deep=1","port":{{{app.Port}}},"scheme":"HTTP","httpHeaders":[{"name":"Host","value":"web.example"},{"name":"X-Extra","value":"1"}]},"timeoutSeconds":5}}""",
            "/app-health/web/livez");

        Assert.True(answer.Status == HttpStatusCode.NoContent, answer.Text);
        Assert.Equal(("/healthz?deep=1", "web.example", "kube-probe/1.36", "1", "127.0.0.6"), await seen.Task);
    }

    [Fact]
    public async Task A_status_of_failure_is_passed_on()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = 418;
            return Task.CompletedTask;
        });
        Assert.Equal(418, (int)(await AskAsync(Http(app.Port), "/app-health/web/readyz")).Status);
    }

    [Fact]
    public async Task A_redirect_on_the_same_host_is_followed_and_another_counts_as_success()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            if (c.Request.Path == "/end") c.Response.StatusCode = 202;
            else c.Response.Redirect(c.Request.Path == "/away" ? "http://elsewhere.example/" : "/end");
            return Task.CompletedTask;
        });

        Assert.Equal(202, (int)(await AskAsync(Http(app.Port, "/begin"), "/app-health/web/readyz")).Status);
        Assert.Equal(302, (int)(await AskAsync(Http(app.Port, "/away"), "/app-health/web/readyz")).Status);
    }

    [Fact]
    public async Task HTTPS_is_asked_without_verification()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(TestCertificate.For("other.example"))));
        builder.WebHost.UseKestrelHttpsConfiguration();
        await using var app = builder.Build();
        app.Run(c => c.Response.WriteAsync("ok"));
        await app.StartAsync(Cancel);
        var port = new Uri(app.Urls.First()).Port;

        Assert.Equal(HttpStatusCode.OK, (await AskAsync($$$"""{"/app-health/web/startupz":{"httpGet":{"port":{{{port}}},"scheme":"HTTPS"},"timeoutSeconds":10}}""", "/app-health/web/startupz")).Status);
    }

    [Fact]
    public async Task A_tcpSocket_succeeds_only_where_somebody_listens()
    {
        await using var server = new RawServer((_, _) => Task.CompletedTask);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Tcp(server.Port), "/app-health/db/livez")).Status);

        var nobody = await AskAsync(Tcp(RawServer.ClosedPort()), "/app-health/db/livez");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, nobody.Status);
        Assert.Contains("refused", nobody.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", HttpStatusCode.OK, "SERVING")]
    [InlineData("cart", HttpStatusCode.ServiceUnavailable, "NOT_SERVING for cart")]
    [InlineData("other", HttpStatusCode.ServiceUnavailable, "gRPC status 5: no such service")]
    public async Task A_grpc_check_asks_the_health_service(string service, HttpStatusCode status, string says)
    {
        await using var app = await TestApp.StartAsync(services => services.AddGrpc(), web => web.MapGrpcService<HealthService>(), HttpProtocols.Http2);

        var answer = await AskAsync($$$"""{"/app-health/web/livez":{"grpc":{"port":{{{app.Port}}},"service":"{{{service}}}"},"timeoutSeconds":10}}""", "/app-health/web/livez");

        Assert.Equal(status, answer.Status);
        Assert.Contains(says, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_is_silent_fails_after_the_probes_time()
    {
        await using var app = await TestApp.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        var answer = await AskAsync($$$"""{"/app-health/web/livez":{"httpGet":{"port":{{{app.Port}}}},"timeoutSeconds":1}}""", "/app-health/web/livez");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("within 1 s", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_is_run_without_a_limit()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("bye"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync($$$$"""{"/app-lifecycle/web/prestopz":{"httpGet":{"path":"/stop","port":{{{{app.Port}}}}}}}""", "/app-lifecycle/web/prestopz")).Status);
    }

    [Fact]
    public async Task A_probe_that_nobody_wrote_is_not_found() => Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("", "/app-health/web/livez")).Status);

    [Theory]
    [InlineData("{ broken")]
    [InlineData("""{"/app-health/web/livez":{"exec":{}}}""")]
    [InlineData("""{"/app-health/web/livez":{}}""")]
    public async Task Probes_that_cannot_be_read_fail_and_say_so(string json)
    {
        var answer = await AskAsync(json, "/app-health/web/livez");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.Contains("MESH_APP_PROBES", answer.Text, StringComparison.Ordinal);
    }

    private static string Http(int port, string path = "/") => $$$"""{"/app-health/web/readyz":{"httpGet":{"path":"{{{path}}}","port":{{{port}}}},"timeoutSeconds":10}}""";

    private static string Tcp(int port) => $$$"""{"/app-health/db/livez":{"tcpSocket":{"port":{{{port}}}},"timeoutSeconds":5}}""";

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(string probes, string path)
    {
        var options = new SidecarOptions
        {
            ConfigDirectory = "/nowhere", TrustDirectory = "/nowhere", DataDirectory = "/nowhere", AppProbes = probes, PodAddress = "127.0.0.1",
            AdminPort = 0, StatusPort = 0, ReadinessPort = 0, OutboundPort = 0, InboundPort = 0, ControlPort = 0,
        };
        await using var sidecar = new Sidecar(options, NullLoggerFactory.Instance, new LoggingLevelSwitch(), TimeProvider.System, new Random(1));
        await sidecar.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new UriBuilder(sidecar.ControlAddresses[1]) { Host = "127.0.0.1" }.Uri };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("kube-probe/1.36");
        using var answer = await client.GetAsync(path, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private sealed class HealthService : Grpc.Health.V1.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => request.Service switch
        {
            "" => Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving }),
            "cart" => Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing }),
            _ => throw new RpcException(new Status(StatusCode.NotFound, "no such service")),
        };
    }
}
