using System.Globalization;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.RealPrograms;

/// <summary>curl, h2load and nginx through two sidecars in mutual TLS.</summary>
public sealed class HttpClientTests
{
    [Theory]
    [InlineData("--http1.0")]
    [InlineData("--http1.1")]
    [InlineData("--http2-prior-knowledge")]
    public async Task Curl_gets_the_page_in_each_version_of_HTTP_as_often_as_it_asks(string version)
    {
        await using var app = await EchoAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);

        // curl 7.88 (Debian 12) fails at its second request of an HTTP/2 connection without TLS, whoever the server is.
        if (version != "--http2-prior-knowledge")
        {
            var answers = Curl(pair, version, "-w", " %{http_code} %{num_connects}\\n", "http://server:9080/one", "http://server:9080/two");
            Assert.Equal($"GET /one 0 200 1\nGET /two 0 200 {(version == "--http1.0" ? "1" : "0")}\n", answers);
        }

        Assert.Equal($"GET /three 0 200\n", Curl(pair, version, "-H", "Connection: keep-alive", "-w", " %{http_code}\\n", "http://server:9080/three"));
        Assert.Contains("HTTP/", Curl(pair, version, "-I", "http://server:9080/head"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_uploads_in_chunks_and_waits_to_be_told_to_continue()
    {
        await using var app = await EchoAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);
        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, new byte[3_000_000]);
        try
        {
            Assert.Equal("POST /chunked 3000000", Curl(pair, "-X", "POST", "-H", "Transfer-Encoding: chunked", "-H", "Expect:", "--data-binary", $"@{file}", "http://server:9080/chunked"));
            Assert.Equal("PUT /file 3000000", Curl(pair, "-T", file, "http://server:9080/file"));
            var run = Command.Run("curl", [.. Common(pair), "-v", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "--data-binary", $"@{file}", "http://server:9080/continue"]);
            Assert.Equal("POST /continue 3000000", run.Output);
            Assert.Contains("100 Continue", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2-prior-knowledge")]
    public async Task Headers_of_nearly_60_KiB_pass_and_more_are_answered_431(string version)
    {
        await using var app = await EchoAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);

        Assert.Equal("GET / 0 200", Curl(pair, [version, "-w", " %{http_code}", .. Headers(58), "http://server:9080/"]));
        Assert.EndsWith("431", Curl(pair, [version, "-w", "%{http_code}", .. Headers(62), "http://server:9080/"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task H2load_loses_no_request(bool http1)
    {
        Needs.Program("h2load", "nghttp2-client");
        await using var app = await EchoAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);

        var text = H2load(pair, http1, 4000);
        Assert.Contains("4000 succeeded, 0 failed, 0 errored, 0 timeout", text, StringComparison.Ordinal);
        Assert.Contains("status codes: 4000 2xx", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_nginx_that_closes_connections_after_a_few_requests_loses_none()
    {
        Needs.Program("nginx", "nginx-light");
        Needs.Program("h2load", "nghttp2-client");
        await using var server = ServerProgram.Prepare("nginx");
        var at = server.Directory.FullName;
        var file = Path.Combine(at, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off; pid {{at}}/pid; error_log stderr; worker_processes 1;
            events { worker_connections 256; }
            http {
                access_log off; keepalive_requests 3; client_body_temp_path {{at}}; proxy_temp_path {{at}}; fastcgi_temp_path {{at}}; uwsgi_temp_path {{at}}; scgi_temp_path {{at}};
                server { listen 127.0.0.1:{{server.Port}}; location / { return 200 "nginx\n"; } }
            }
            """);
        await server.StartAsync("nginx", "-p", at, "-c", file);
        await using var pair = await MeshedPair.StartAsync(server.Port);

        Assert.Equal("nginx\n", Curl(pair, "http://server:9080/"));
        Assert.Contains("2000 succeeded, 0 failed", H2load(pair, http1: true, 2000), StringComparison.Ordinal);
    }

    private static Task<TestApp> EchoAsync() => TestApp.StartAsync(async context =>
    {
        var total = 0L;
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0) total += count;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{context.Request.Method} {context.Request.Path} {total}"));
    });

    private static string[] Headers(int kibibytes) =>
        [.. Enumerable.Range(0, kibibytes).SelectMany(i => new[] { "-H", $"x-filler-{i:00}: {new string('f', 1024 - 14)}" })];

    private static string[] Common(MeshedPair pair) => ["-sS", "--max-time", "60", "--connect-to", $"server:9080:127.0.0.1:{pair.Client.Sidecar.OutboundPort}"];

    private static string Curl(MeshedPair pair, params string[] arguments)
    {
        Needs.Program("curl", "curl");
        var run = Command.Run("curl", [.. Common(pair), .. arguments], timeout: TimeSpan.FromMinutes(2));
        Assert.True(run.ExitCode == 0, $"curl: exit {run.ExitCode}: {run.Error}{run.Output}");
        return run.Output;
    }

    private static string H2load(MeshedPair pair, bool http1, int requests)
    {
        string[] version = http1 ? ["--h1"] : ["-m", "10"];
        var run = Command.Run("h2load", ["-n", $"{requests}", "-c", "10", .. version, "-H", ":authority: server:9080", $"http://127.0.0.1:{pair.Client.Sidecar.OutboundPort}/load"], timeout: TimeSpan.FromMinutes(2));
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        return run.Output;
    }
}
