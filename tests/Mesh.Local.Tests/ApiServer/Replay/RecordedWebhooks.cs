using System.Net;
using System.Text.Json.Nodes;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// The webhooks of a transcript: a real HTTPS server that answers what was recorded and compares what it was sent. What enters
/// are the calls that a step is expected to cause; what leaves are the differences. It listens on a loopback address of its own,
/// because recordings name the port.
/// </summary>
internal sealed class RecordedWebhooks : IAsyncDisposable
{
    private const int Port = 9443;
    private static int used;

    private readonly Placeholders placeholders;
    private readonly SemaphoreSlim gate = new(1);
    private readonly List<(string, string)> differences = [];
    private WebApplication? application;
    private List<ExpectedCall> expected = [];

    private RecordedWebhooks(Placeholders placeholders) => this.placeholders = placeholders;

    public static async Task<RecordedWebhooks?> StartAsync(Transcript transcript, Placeholders placeholders)
    {
        if (!transcript.Steps.Any(step => step.ContainsKey("webhookCall")))
            return null;
        var webhooks = new RecordedWebhooks(placeholders);
        var number = Interlocked.Increment(ref used);
        var address = new IPAddress([127, (byte)(Environment.ProcessId >> 8 | 1), (byte)Environment.ProcessId, (byte)(number + 1)]);
        var certificate = TestCertificate.For(address.ToString());
        placeholders.Know("<local>", address.ToString());
        placeholders.Know("<ca-bundle>", TestCertificate.Bundle(certificate));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, Port, listen => listen.UseHttps(certificate)));
        webhooks.application = builder.Build();
        webhooks.application.Run(webhooks.AnswerAsync);
        await webhooks.application.StartAsync();
        return webhooks;
    }

    /// <summary>The calls the next request is to cause. Those whose caller gave up in the recording are not answered.</summary>
    public void Expect(IEnumerable<JsonObject> calls, bool answered) =>
        expected = [.. calls.Select(call => new ExpectedCall(call, answered))];

    public async Task<List<(string Field, string Text)>> DoneAsync()
    {
        await gate.WaitAsync();
        try
        {
            List<(string, string)> found = [.. differences, .. expected.Where(call => !call.Made).Select(call => ("webhook " + call.Name, "not called"))];
            differences.Clear();
            expected = [];
            return found;
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (application is not null)
            await application.DisposeAsync();
        gate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = JsonNode.Parse(await reader.ReadToEndAsync())!;
        var (call, before) = await TakeAsync(context, body);
        if (call is null)
        {
            await WriteAsync(context, 200, Allowed(body));
            return;
        }

        if (!call.Answered)
        {
            // Its caller is to run out of time, as the recorded one did.
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        // Of calls made side by side, the answers come in the recorded order, far enough apart to arrive so.
        if (before is { Written.IsCompleted: false })
            await Task.WhenAny(before.Written, Task.Delay(TimeSpan.FromSeconds(5)));
        if (before is not null && call.Waited)
            await Task.Delay(100);
        await WriteAsync(context, call.Answer["status"]!.GetValue<int>(), placeholders.Fill(call.Answer["body"])!);
        call.Done();
    }

    private async Task<(ExpectedCall? Call, ExpectedCall? Before)> TakeAsync(HttpContext context, JsonNode body)
    {
        await gate.WaitAsync();
        try
        {
            var name = context.Request.Path.Value!.TrimStart('/');
            var index = expected.FindIndex(call => call.Name == name && !call.Made);
            if (index < 0)
            {
                differences.Add(("webhook " + name, "called, which was not recorded"));
                return (null, null);
            }

            var call = expected[index];
            call.Made = true;
            differences.AddRange(call.Differences(context.Request, body, placeholders).Select(one => ($"webhook {name} {one.Field}", one.Text)));
            var before = index > 0 ? expected[index - 1] : null;
            call.Waited = before is { Written.IsCompleted: false };
            return (call, before);
        }
        finally
        {
            gate.Release();
        }
    }

    private static JsonObject Allowed(JsonNode review) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["response"] = new JsonObject { ["uid"] = review["request"]!["uid"]!.DeepClone(), ["allowed"] = true },
    };

    private static Task WriteAsync(HttpContext context, int status, JsonNode body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
