using System.Net;
using System.Text.Json;
using Mesh.Config;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Tests;

/// <summary>What a sidecar says on its report port, as a test tells it to; on an address of its own in 127.0.0.0/8.</summary>
internal sealed class ScriptedSidecar : IAsyncDisposable
{
    private static int _last;
    private readonly WebApplication _app;
    private readonly string _podUid;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ProxyReport _report;

    private ScriptedSidecar(WebApplication app, string address, string podUid)
    {
        (_app, Address, _podUid) = (app, address, podUid);
        _report = new ProxyReport { Sequence = 1, Instance = "i", PodUid = podUid };
    }

    public string Address { get; }

    /// <summary>Never answers again while set.</summary>
    public bool Hangs { get; set; }

    public static async Task<ScriptedSidecar> StartAsync(string podUid)
    {
        var number = Interlocked.Increment(ref _last);
        var address = $"127.{100 + (Environment.ProcessId % 100)}.{number / 250}.{(number % 250) + 1}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Parse(address), WellKnown.StatusPort));
        var app = builder.Build();
        var sidecar = new ScriptedSidecar(app, address, podUid);
        app.MapGet("/report", sidecar.AnswerAsync);
        await app.StartAsync();
        return sidecar;
    }

    /// <summary>Says that it holds the config of this record.</summary>
    public void Holds(string recordJson)
    {
        using var document = JsonDocument.Parse(recordJson);
        var manifest = document.RootElement.GetProperty("manifest").Deserialize(ProxyConfigJson.Default.Manifest)!;
        Say(r => r with { Revision = manifest.Revision, Hash = manifest.Hash, Sections = manifest.Sections, Refused = null });
    }

    public void Say(Func<ProxyReport, ProxyReport> change)
    {
        _report = change(_report) with { Sequence = _report.Sequence + 1, PodUid = _podUid };
        var change_ = Interlocked.Exchange(ref _change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        change_.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Long polls are cut.
        }

        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var after = long.TryParse(context.Request.Query["after"], out var sequence) ? sequence : 0;
        var changed = _change.Task;
        if (Hangs) await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_report.Sequence <= after) await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(10), context.RequestAborted));
        await context.Response.WriteAsJsonAsync(_report, ProxyConfigJson.Default.ProxyReport);
    }
}
