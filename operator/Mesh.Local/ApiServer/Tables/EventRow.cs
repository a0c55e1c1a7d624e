using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>When an Event was seen, how often and by whom; the two Event APIs keep that in different fields.</summary>
internal static class EventRow
{
    public static object? LastSeen(JsonElement item, DateTimeOffset now)
    {
        var first = item.Text("firstTimestamp") ?? item.Text("eventTime");
        var last = item.Text("series", "lastObservedTime") ?? item.Text("lastTimestamp") ?? first;
        var count = item.Integer("series", "count") ?? item.Integer("count") ?? 1;
        if (last is null)
            return "<unknown>";
        return count > 1 && first is not null ? $"{Ages.Since(last, now)} (x{count} over {Ages.Since(first, now)})" : Ages.Since(last, now);
    }

    public static object? FirstSeen(JsonElement item, DateTimeOffset now) =>
        Ages.Since(item.Text("firstTimestamp") ?? item.Text("eventTime"), now);

    public static object? Count(JsonElement item) => item.Integer("series", "count") ?? item.Integer("count") ?? 1;

    public static object? Source(JsonElement item)
    {
        var component = item.Text("source", "component") is { Length: > 0 } source ? source : item.Text("reportingComponent") ?? "";
        var host = item.Text("source", "host") ?? item.Text("reportingInstance");
        return string.IsNullOrEmpty(host) ? component : component + ", " + host;
    }
}
