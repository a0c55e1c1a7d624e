using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// A watch whose recorded events are expected one by one. An event is looked for by what it is about, so that one too many or
/// one too few is told as that, and not as a difference of all that follow. After a first event that did not come, patience
/// is short: the server is past it.
/// </summary>
internal sealed class WatchReplay(WatchLines reader, Placeholders placeholders, bool withoutManagedFields) : IDisposable
{
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(3), Hurried = TimeSpan.FromSeconds(1);

    private TimeSpan patience = TimeSpan.FromSeconds(5);
    private TimeSpan statePatience = TimeSpan.FromSeconds(10);

    public async Task<List<(string Field, string Text)>> ExpectAsync(JsonObject expected)
    {
        var (line, first) = await reader.TakeAsync(line => Type(line) == Type(expected) && About(expected, line), patience);
        if (line is null)
        {
            patience = TimeSpan.FromMilliseconds(100);
            (line, first) = await reader.TakeAsync(line => About(expected, line), TimeSpan.Zero);
        }

        if (line is null)
            return [("event", $"none came, recorded {Short(expected)}")];
        if (withoutManagedFields)
            JsonComparison.RemoveManagedFields(line);
        List<(string, string)> found = [.. JsonComparison.Differences(expected, line, placeholders)];
        if (!first)
            found.Add(("event", $"came later than recorded: {Type(expected)} {Subject(expected)}"));
        return found;
    }

    /// <summary>
    /// The same for states that a node tells as they come, where it and the recorded one need not gather the same: the event
    /// has to be there as recorded, in the recorded order, and what came between is passed over.
    /// </summary>
    public async Task<List<(string Field, string Text)>> ExpectStateAsync(JsonObject expected, Func<(string Field, string Text), bool> allowed)
    {
        var (line, _) = await reader.TakeAsync(line => IsAsRecorded(expected, line, allowed), statePatience, passOver: true);
        // A wait that was longer than usual stays so until it was worth it.
        if (line is null || statePatience < Patient) statePatience = line is null ? Hurried : Patient;
        return line is null ? [("event", $"none came, recorded {Short(expected)}")] : [];
    }

    /// <summary>Something slow was begun: a pod's end takes its grace.</summary>
    public void BePatient() => statePatience = TimeSpan.FromSeconds(12);

    public async Task<List<(string Field, string Text)>> EndAsync(bool byServer)
    {
        List<(string, string)> found = [];
        if (byServer && !await reader.EndsAsync(patience))
            found.Add(("end", "still open, recorded as closed by the server"));
        found.AddRange(reader.Unread.Select(line => ("event", $"not recorded: {Short(line)}")));
        return found;
    }

    public void Dispose() => reader.Dispose();

    private bool IsAsRecorded(JsonObject expected, JsonNode line, Func<(string Field, string Text), bool> allowed)
    {
        if (Type(line) != Type(expected) || !About(expected, line))
            return false;
        if (withoutManagedFields)
            JsonComparison.RemoveManagedFields(line);
        var state = placeholders.State;
        if (JsonComparison.Differences(expected, line, placeholders).All(allowed))
            return true;
        placeholders.State = state;
        return false;
    }

    private bool About(JsonNode expected, JsonNode line) => placeholders.May(Subject(expected), Subject(line));

    private static string Type(JsonNode line) => line["type"]?.ToString() ?? "";

    /// <summary>What an event is about: the object's name (of a Table: its row's), or only its kind where it has none.</summary>
    private static string Subject(JsonNode line)
    {
        var item = line["object"];
        if (item?["rows"] is JsonArray { Count: > 0 } rows)
            return rows[0]!["object"]?["metadata"]?["name"]?.ToString() ?? rows[0]!["cells"]?[0]?.ToString() ?? "Table";
        return item?["metadata"]?["name"]?.ToString() ?? Type(line);
    }

    private static string Short(JsonNode node)
    {
        var text = node.ToJsonString();
        return text.Length > 300 ? text[..300] + "…" : text;
    }
}
