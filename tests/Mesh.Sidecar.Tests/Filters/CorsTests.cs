using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class CorsTests
{
    private static readonly CorsPolicy Policy = new()
    {
        AllowOrigins = [new StringMatch { Kind = StringMatchKind.Regex, Value = @"https://[a-z]+\.example\.org" }],
        AllowMethods = "GET,POST",
        AllowHeaders = "x-one,x-two",
        ExposeHeaders = "x-shown",
        MaxAge = TimeSpan.FromHours(24),
        AllowCredentials = true,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_preflight_is_answered_and_the_endpoint_sees_nothing()
    {
        var answer = await AskAsync(Policy, "OPTIONS", "https://shop.example.org", preflight: true);

        Assert.False(answer.ReachedApp);
        Assert.Equal(200, answer.Status);
        Assert.Equal(
            [
                "access-control-allow-credentials: true", "access-control-allow-headers: x-one,x-two", "access-control-allow-methods: GET,POST",
                "access-control-allow-origin: https://shop.example.org", "access-control-max-age: 86400",
            ],
            answer.Cors);
        Assert.Contains("\" 200 - cors_response ", answer.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_permits_what_is_asked_for_by_name()
    {
        var answer = await AskAsync(new CorsPolicy { AllowOrigins = [Exact("*")], AllowMethods = "*", AllowHeaders = "*" }, "OPTIONS", "https://any", preflight: true);

        Assert.Equal(["access-control-allow-headers: x-asked", "access-control-allow-methods: PUT", "access-control-allow-origin: https://any"], answer.Cors);
    }

    [Fact]
    public async Task A_request_of_an_origin_that_is_let_in_has_it_echoed()
    {
        var answer = await AskAsync(Policy, "GET", "https://shop.example.org", preflight: false);

        Assert.True(answer.ReachedApp);
        Assert.Equal(
            ["access-control-allow-credentials: true", "access-control-allow-origin: https://shop.example.org", "access-control-expose-headers: x-shown"], answer.Cors);
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("OPTIONS", true)]
    [InlineData("OPTIONS", false)]
    public async Task Requests_of_other_origins_are_the_application_s_business(string method, bool preflight)
    {
        var answer = await AskAsync(Policy, method, "https://evil.org", preflight);

        Assert.True(answer.ReachedApp);
        Assert.Equal(["access-control-allow-origin: set by the application"], answer.Cors);
    }

    [Fact]
    public async Task Unmatched_preflights_may_be_answered_without_what_permits()
    {
        var answer = await AskAsync(Policy with { AnswerUnmatchedPreflights = true, AllowCredentials = null }, "OPTIONS", "https://evil.org", preflight: true);

        Assert.False(answer.ReachedApp);
        Assert.DoesNotContain(answer.Cors, line => line.StartsWith("access-control-allow-origin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_OPTIONS_that_is_no_preflight_is_sent_on()
    {
        var answer = await AskAsync(Policy, "OPTIONS", "https://shop.example.org", preflight: false);

        Assert.True(answer.ReachedApp);
        Assert.Contains("access-control-allow-origin: https://shop.example.org", answer.Cors);
    }

    [Fact]
    public async Task Without_an_origin_nothing_happens()
    {
        var answer = await AskAsync(Policy, "GET", null, preflight: false);

        Assert.True(answer.ReachedApp);
        Assert.Equal(["access-control-allow-origin: set by the application"], answer.Cors);
    }

    [Fact]
    public async Task A_browser_may_read_the_sidecar_s_own_answer_too()
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort()).WithRoute("reviews", route => route with { Cors = Policy });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
        request.Headers.Add("Origin", "https://shop.example.org");

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("https://shop.example.org", response.Headers.GetValues("access-control-allow-origin").Single());
    }

    private static StringMatch Exact(string value) => new() { Kind = StringMatchKind.Exact, Value = value };

    private static async Task<Answer> AskAsync(CorsPolicy policy, string method, string? origin, bool preflight)
    {
        var reached = false;
        await using var app = await TestApp.StartAsync(c =>
        {
            reached = true;
            c.Response.Headers["access-control-allow-origin"] = "set by the application";
            return c.Response.WriteAsync("ok");
        });
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port).WithRoute("reviews", route => route with { Cors = policy });
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://reviews/");
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (preflight) request.Headers.Add("Access-Control-Request-Method", "PUT");
        if (preflight) request.Headers.Add("Access-Control-Request-Headers", "x-asked");

        using var response = await client.SendAsync(request, Cancel);

        var lines = response.Headers.Where(header => header.Key.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase))
            .Select(header => $"{header.Key.ToLowerInvariant()}: {string.Join(';', header.Value)}").Order(StringComparer.Ordinal);
        return new Answer((int)response.StatusCode, reached, [.. lines], (await sidecar.LogLinesAsync(1))[0]);
    }

    private sealed record Answer(int Status, bool ReachedApp, ImmutableArray<string> Cors, string Log);
}
