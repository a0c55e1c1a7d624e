using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What a request's query (or a deletion's body) may ask for, and how a wrong one is refused.</summary>
internal static class RequestOptions
{
    public static bool DryRun(string kind, IEnumerable<string?> values)
    {
        var given = values.ToList();
        if (given.Any(value => value != "All"))
            throw Invalid(kind, FieldProblem.NotSupported("dryRun", JsonSerializer.Serialize(given), ["All"]));
        return given.Count > 0;
    }

    public static StatusException Invalid(string kind, FieldProblem problem) => new(
        422, "Invalid", $"{kind}.meta.k8s.io \"\" is invalid: {problem.Field}: {problem.Message}",
        new JsonObject
        {
            ["group"] = "meta.k8s.io",
            ["kind"] = kind,
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = problem.Reason, ["message"] = problem.Message, ["field"] = problem.Field }),
        });
}
