using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Sends the requests of a transcript, in order, and compares the answers and the events of its watches with what a real API
/// server said. Steps of other identities than the administrator's are left out.
/// </summary>
internal sealed class Replayer(ApiServerFixture server)
{
    private readonly Placeholders placeholders = new();
    private readonly Dictionary<string, WatchReader> watches = [];

    public List<(string Step, string Difference)> Differences { get; } = [];

    public int Steps { get; private set; }

    public async Task RunAsync(JsonArray steps)
    {
        foreach (var step in steps.OfType<JsonObject>())
        {
            if (step["request"]?["identity"] is not null || step.ContainsKey("comment") || step.ContainsKey("webhookCall"))
                continue;
            if (step.ContainsKey("event"))
                await EventAsync(step);
            else if (step.ContainsKey("request") && step.ContainsKey("watch"))
                await OpenAsync(step);
            else if (step.ContainsKey("request"))
                await RequestAsync(step);
        }

        foreach (var watch in watches.Values)
            watch.Dispose();
    }

    private async Task RequestAsync(JsonObject step)
    {
        Steps++;
        var name = step["name"]?.GetValue<string>() ?? "";
        var request = step["request"]!;
        var body = request["body"] is { } json ? placeholders.Fill(json.ToJsonString(Relaxed)) : request["bodyText"]?.GetValue<string>();
        var answer = await server.SendAsync(
            request["method"]!.GetValue<string>(), Target(request), rawBody: body,
            contentType: request["headers"]?["Content-Type"]?.GetValue<string>() ?? "application/json",
            accept: request["headers"]?["Accept"]?.GetValue<string>() ?? "*/*");
        var recorded = step["response"]!;
        if (answer.Status != recorded["status"]!.GetValue<int>())
        {
            Differences.Add((name, $"status {answer.Status}, recorded {recorded["status"]}: {Cut(answer.Text)}"));
            return;
        }

        if (recorded["body"] is JsonObject expected && answer.Text.StartsWith('{'))
            Compare(name, expected, answer.Json);
        else if (recorded["bodyText"] is { } text && !placeholders.Match(text.GetValue<string>(), answer.Text))
            Differences.Add((name, $"text \"{Cut(answer.Text)}\", recorded \"{Cut(text.GetValue<string>())}\""));
        var warnings = recorded["headers"]?["Warning"] switch
        {
            JsonArray many => many.Select(one => one!.GetValue<string>()).ToList(),
            JsonValue one => [one.GetValue<string>()],
            _ => [],
        };
        if (!warnings.SequenceEqual(answer.Warnings))
            Differences.Add((name, $"warnings [{string.Join(", ", answer.Warnings)}], recorded [{string.Join(", ", warnings)}]"));
    }

    private async Task OpenAsync(JsonObject step)
    {
        Steps++;
        var request = step["request"]!;
        var watch = await WatchReader.OpenAsync(server, Target(request), request["headers"]?["Accept"]?.GetValue<string>() ?? "application/json");
        if (watch.Status != step["response"]!["status"]!.GetValue<int>())
            Differences.Add((step["name"]!.GetValue<string>(), $"watch status {watch.Status}, recorded {step["response"]!["status"]}"));
        if (watch.Status == 200)
            watches[step["watch"]!.GetValue<string>()] = watch;
    }

    private async Task EventAsync(JsonObject step)
    {
        Steps++;
        var name = step["watch"]!.GetValue<string>();
        if (!watches.TryGetValue(name, out var watch))
            return;
        if (await watch.NextAsync(TimeSpan.FromSeconds(3)) is { } line)
            Compare($"event of {name}", (JsonObject)step["event"]!, line);
        else
            Differences.Add(($"event of {name}", "none came, recorded " + Cut(step["event"]!.ToJsonString())));
    }

    private void Compare(string step, JsonObject expected, JsonNode actual)
    {
        foreach (var difference in JsonComparison.Differences(expected, actual, placeholders).Take(8))
            Differences.Add((step, difference));
    }

    private string Target(JsonNode request)
    {
        var path = placeholders.Fill(request["path"]!.GetValue<string>());
        if (request["query"] is not JsonObject query)
            return path;
        var pairs = query.SelectMany(pair => pair.Value is JsonArray many ? many.Select(one => (pair.Key, one!.ToString())) : [(pair.Key, pair.Value?.ToString() ?? "")]);
        return path + "?" + string.Join("&", pairs.Select(pair => $"{pair.Key}={Uri.EscapeDataString(placeholders.Fill(pair.Item2))}"));
    }

    private static string Cut(string text) => text.Length > 300 ? text[..300] + "…" : text;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
