using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>What a workload's status says of its replicas must be possible.</summary>
internal static class StatusCounts
{
    public static void Add(List<FieldProblem> problems, JsonObject? status)
    {
        if (status is null)
            return;
        foreach (var name in (ReadOnlySpan<string>)["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"])
        {
            if (Count(status, name) < 0)
                problems.Add(Invalid(status, name, "must be greater than or equal to 0"));
        }

        var replicas = Count(status, "replicas");
        foreach (var name in (ReadOnlySpan<string>)["updatedReplicas", "readyReplicas", "availableReplicas"])
        {
            if (Count(status, name) > replicas)
                problems.Add(Invalid(status, name, "cannot be greater than status.replicas"));
        }

        if (Count(status, "availableReplicas") > Count(status, "readyReplicas"))
            problems.Add(Invalid(status, "availableReplicas", "cannot be greater than readyReplicas"));
    }

    private static long Count(JsonObject status, string name) => status.Integer(name) ?? 0;

    private static FieldProblem Invalid(JsonObject status, string name, string detail) =>
        FieldProblem.Invalid("status." + name, Count(status, name).ToString(CultureInfo.InvariantCulture), detail);
}
