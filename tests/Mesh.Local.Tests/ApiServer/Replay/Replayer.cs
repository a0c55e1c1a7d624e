using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Sends the requests of a transcript, in order, and compares the answers with what a real API server said. What enters is a
/// server set as the recording's was; what leaves are differences. Nothing is judged here: which differences are allowed is
/// <see cref="AllowedDifferences"/>.
/// </summary>
internal sealed class Replayer(ApiServerFixture server, Transcript transcript, TranscriptSetting setting) : IAsyncDisposable
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly Placeholders placeholders = new(transcript);
    private readonly Identities identities = new(server, transcript.Namespace);
    private readonly Dictionary<string, WatchReplay> watches = [];
    private RecordedWebhooks? webhooks;
    private int index;

    /// <summary>How long an answer may take to become what was recorded, where controllers work meanwhile; short once it did not.</summary>
    private TimeSpan settling = setting.Settling;

    public List<Difference> Differences { get; } = [];

    public int Steps => index;

    public static async Task<Replayer> StartAsync(ApiServerFixture server, Transcript transcript, TranscriptSetting setting)
    {
        var replayer = new Replayer(server, transcript, setting);
        replayer.webhooks = await RecordedWebhooks.StartAsync(transcript, replayer.placeholders);
        return replayer;
    }

    public async Task RunAsync()
    {
        var steps = transcript.Steps.ToList();
        foreach (var step in steps)
        {
            index++;
            await setting.BeforeAsync(server, step);
            await ConfigureAsync((step["name"] ?? step["comment"])?.ToString() ?? "");
            webhooks?.Expect(steps.Skip(index).TakeWhile(next => next.ContainsKey("webhookCall")), answered: step["name"]?.ToString().EndsWith(": timeout", StringComparison.Ordinal) != true);
            if (step.ContainsKey("comment"))
                await setting.CommentAsync(server, step["comment"]!.ToString());
            else if (step.ContainsKey("event"))
                await EventAsync(step);
            else if (step.ContainsKey("end"))
                await EndAsync(step);
            else if (step.ContainsKey("request") && step.ContainsKey("watch"))
                await OpenAsync(step);
            else if (step.ContainsKey("request") && step.ContainsKey("response"))
                await RequestAsync(step);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in watches.Values)
            watch.Dispose();
        identities.Dispose();
        if (webhooks is not null)
            await webhooks.DisposeAsync();
    }

    /// <summary>What the recorder changed between two steps without showing it.</summary>
    private async Task ConfigureAsync(string step)
    {
        foreach (var (method, path, body) in RecordedWebhookConfigurations.Before(transcript.Name, step))
            await server.SendAsync(method, path, placeholders.Fill(body));
    }

    private async Task RequestAsync(JsonObject step)
    {
        var name = step["name"]?.GetValue<string>() ?? "";
        var request = RecordedRequest.Of(step["request"]!, placeholders);
        var state = placeholders.State;
        var differences = await AskAsync(step, request);
        if (setting.Node && request.Method == "DELETE")
        {
            foreach (var watch in watches.Values)
                watch.BePatient();
        }

        var since = System.Diagnostics.Stopwatch.StartNew();
        // What controllers bring about takes a moment; the recording was made after it.
        while (request.Method == "GET" && differences.Any(one => !IsAllowed(name, one)) && since.Elapsed < settling)
        {
            await Task.Delay(20);
            placeholders.State = state;
            differences = await AskAsync(step, request);
        }

        if (differences.Any(one => !IsAllowed(name, one)) && since.Elapsed > settling)
            settling /= 4;
        Tell(name, differences);
        if (webhooks is not null)
            Tell(name, await webhooks.DoneAsync());
        if (request is { Method: "POST", Target: Definitions } && transcript.Name != "07-crd-create-established")
            await EstablishedAsync(step["request"]!["body"]?["metadata"]?["name"]?.GetValue<string>());
    }

    private async Task<List<(string, string)>> AskAsync(JsonObject step, RecordedRequest request)
    {
        var (client, headers) = await identities.OfAsync(step["request"]!["identity"]?.GetValue<string>());
        using var message = request.Message(server.Url, headers);
        using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        var text = await TextAsync(response);
        var differences = AnswerComparison.Differences(step["response"]!.AsObject(), response, text, placeholders, transcript.WithoutManagedFields);
        // A list tells the version of all objects there are, and controllers write some at any time.
        var moving = setting.Controllers && step["response"]!["body"] is JsonObject list && list.ContainsKey("items");
        return [.. differences.Where(one => !(moving && one.Field == ".metadata.resourceVersion"))];
    }

    /// <summary>The recorder waited until a new definition was served; the one transcript about that waiting shows it itself.</summary>
    private async Task EstablishedAsync(string? name)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (since.Elapsed < TimeSpan.FromSeconds(5))
        {
            var answer = await server.SendAsync("GET", $"{Definitions}/{name}");
            if (answer.Status != 200 || answer.Json["status"]?["conditions"] is JsonArray conditions && conditions.Any(one => one!["type"]!.ToString() == "Established" && one["status"]!.ToString() == "True"))
                return;
            await Task.Delay(10);
        }
    }

    /// <summary>A stream where an answer was recorded would never end: what came is the answer.</summary>
    private static async Task<string> TextAsync(HttpResponseMessage response)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            return await response.Content.ReadAsStringAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return "(a stream that does not end)";
        }
    }

    private async Task OpenAsync(JsonObject step)
    {
        var name = step["name"]!.GetValue<string>();
        var (client, headers) = await identities.OfAsync(step["request"]!["identity"]?.GetValue<string>());
        using var message = RecordedRequest.Of(step["request"]!, placeholders).Message(server.Url, headers);
        var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        Tell(name, AnswerComparison.Differences(step["response"]!.AsObject(), response, null, placeholders, transcript.WithoutManagedFields));
        if ((int)response.StatusCode == 200)
            watches[step["watch"]!.GetValue<string>()] = new WatchReplay(new WatchLines(response, await response.Content.ReadAsStreamAsync()), placeholders, transcript.WithoutManagedFields);
        else
            response.Dispose();
    }

    private async Task EventAsync(JsonObject step)
    {
        var name = step["watch"]!.GetValue<string>();
        Tell("event of " + name, watches.TryGetValue(name, out var watch)
            ? await (setting.Node ? watch.ExpectStateAsync(step["event"]!.AsObject(), one => IsAllowed("event of " + name, one)) : watch.ExpectAsync(step["event"]!.AsObject()))
            : [("", "the watch is not open")]);
    }

    private async Task EndAsync(JsonObject step)
    {
        var name = step["watch"]!.GetValue<string>();
        if (!watches.Remove(name, out var watch))
            return;
        Tell("end of " + name, await watch.EndAsync(byServer: step["end"]!.GetValue<string>() == "closed by the server"));
        watch.Dispose();
    }

    private bool IsAllowed(string step, (string Field, string Text) one) => AllowedDifferences.For(transcript.Name, new Difference(index, step, one.Field, one.Text)) is not null;

    private void Tell(string step, IEnumerable<(string Field, string Text)> differences) =>
        Differences.AddRange(differences.Select(one => new Difference(index, step, one.Field, one.Text)));
}
