using System.Text.Json;
using Mesh.Api;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// What other controllers of the same API say in the status of objects that were taken from their cluster: that something
/// does not work (IST0171). What Mesh itself writes there is found anew, and not told twice.
/// </summary>
internal static class ForeignConditions
{
    private const string GatewayApi = "gateway.networking.k8s.io/";

    private static readonly string[] OfIstio = ["istio.io/WaypointBound", "WaypointAccepted", "ZtunnelAccepted"];

    private static readonly string[] OfGatewayApi = ["Accepted", "Programmed", "ResolvedRefs"];

    public static IEnumerable<Finding> Of(JsonElement document, string apiVersion, string resource)
    {
        if (!document.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object) return [];
        var types = apiVersion.StartsWith(GatewayApi, StringComparison.Ordinal) ? OfGatewayApi : OfIstio;
        return Lists(status).SelectMany(list => list.Conditions.EnumerateArray().Where(condition => IsNegative(condition, types)).Select(condition => Found.Warning(
            FindingCodes.NegativeConditionStatus, resource, list.Path, Text(condition, "type"), $"{Text(condition, "reason")}: {Text(condition, "message")}", "Look at what the controller that wrote this asks for.")));
    }

    private static IEnumerable<(string Path, JsonElement Conditions)> Lists(JsonElement status)
    {
        if (status.TryGetProperty("conditions", out var own) && own.ValueKind == JsonValueKind.Array) yield return ("status.conditions", own);
        if (!status.TryGetProperty("parents", out var parents) || parents.ValueKind != JsonValueKind.Array) yield break;
        var i = 0;
        foreach (var parent in parents.EnumerateArray())
        {
            if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty("conditions", out var conditions) && conditions.ValueKind == JsonValueKind.Array) yield return ($"status.parents[{i}].conditions", conditions);
            i++;
        }
    }

    private static bool IsNegative(JsonElement condition, string[] types) =>
        types.Contains(Text(condition, "type")) && (Text(condition, "status") == "False" || Text(condition, "reason") == "PartiallyInvalid");

    private static string Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
