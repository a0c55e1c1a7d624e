using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>
/// Controllers write a status as a merge patch that names the revision they looked at, so that what somebody wrote meanwhile
/// is looked at again. A count of nothing is written as Kubernetes shows it: not at all.
/// </summary>
internal static class StatusPatch
{
    public static string Of(V1ObjectMeta seen, JsonObject status) =>
        new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = seen.ResourceVersion }, ["status"] = status }.ToJsonString();

    public static JsonNode? Count(int number) => number == 0 ? null : number;

    public static string? Time(DateTime? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Now, as exactly as it is written.</summary>
    public static DateTime Now(TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
