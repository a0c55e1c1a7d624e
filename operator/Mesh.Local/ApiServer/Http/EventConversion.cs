using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Events are stored once and shown in two groups under different field names. This is the only built-in kind here whose
/// versions differ in more than their name.
/// </summary>
internal static class EventConversion
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    public static bool Applies(ApiResource resource) => resource is { Group: "events.k8s.io", Kind: "Event" };

    public static JsonElement ToEventsGroup(JsonElement stored) => Rename(stored.ToNode(), toEvents: true).ToElement();

    public static JsonObject ToStored(JsonObject given) => Rename(given, toEvents: false);

    public static JsonObject ToEventsGroup(JsonObject stored) => Rename(stored, toEvents: true);

    private static JsonObject Rename(JsonObject document, bool toEvents)
    {
        foreach (var (core, events) in Names)
        {
            var (from, to) = toEvents ? (core, events) : (events, core);
            if (!document.TryGetPropertyValue(from, out var value))
                continue;
            document.Remove(from);
            document[to] = value;
        }

        foreach (var shown in (ReadOnlySpan<string>)["reportingController", "reportingInstance"])
        {
            // Only the core group shows that these are empty.
            if (toEvents && document.Text(shown) is "")
                document.Remove(shown);
        }

        document["apiVersion"] = toEvents ? "events.k8s.io/v1" : "v1";
        return document;
    }
}
