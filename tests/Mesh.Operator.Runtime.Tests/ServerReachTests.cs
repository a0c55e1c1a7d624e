using System.Net;
using k8s;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Runtime.Tests;

public sealed class ServerReachTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SaidLines<ServerReach> _log = new();
    private readonly ServerReach _reach;

    public ServerReachTests() => _reach = new ServerReach(_time, _log);

    [Fact]
    public void However_many_ask_and_however_long_it_is_away_it_is_said_once_and_its_return_once()
    {
        for (var i = 0; i < 100; i++)
        {
            _reach.Failed("Connection refused");
            _time.Advance(TimeSpan.FromSeconds(36));
        }

        _reach.Answered();
        _reach.Answered();
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Lines.Select(line => line.Level));
        Assert.Contains("does not answer: Connection refused", _log.Lines.First().Text);
        Assert.Contains("again, after 3600 s", _log.Lines.Last().Text);
        _reach.Failed("Connection refused");
        _time.Advance(TimeSpan.FromSeconds(2));
        _reach.Failed("Connection refused");
        Assert.Equal(3, _log.Lines.Count);
    }

    [Fact]
    public void A_connection_that_was_cut_and_is_there_again_is_no_news()
    {
        _reach.Failed("reset");
        _time.Advance(TimeSpan.FromMilliseconds(500));
        _reach.Answered();
        _time.Advance(TimeSpan.FromMinutes(1));
        _reach.Failed("reset");
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_nobody_there_is_none()
    {
        using var nobody = new KubernetesApi(new KubernetesClientConfiguration { Host = $"http://127.0.0.1:{FreePort.Find()}" }, TimeProvider.System, "test") { Reach = _reach };
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.VersionAsync());
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.VersionAsync());
        Assert.Single(_log.Lines);

        await using var server = await ScriptedApi.StartAsync();
        server.Intercept = async context =>
        {
            await ScriptedApi.FailAsync(context, 403, "Forbidden");
            return true;
        };
        using var api = server.Client(reach: _reach);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<ApiException>(() => api.VersionAsync())).Code);
        Assert.Contains("answers again", _log.Lines.Last().Text);
    }
}
