using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>Fields an apply would change although another manager owns them, and how that is told.</summary>
internal static class Conflicts
{
    public static List<(Manager Manager, string Path)> Of(Ownership ownership, Manager manager, FieldSet changed) =>
    [
        .. ownership.Managers.Where(other => other != manager)
            .SelectMany(other => ownership.Of(other)!.And(changed).Members().Select(path => (other, Shown(path))))
            .OrderBy(one => one.Item2, StringComparer.Ordinal),
    ];

    public static StatusException Refuse(List<(Manager Manager, string Path)> all)
    {
        var causes = all.Select(one => (JsonNode)new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = "conflict with " + one.Manager.Described,
            ["field"] = one.Path,
        }).ToArray();
        string text;
        if (all.Count == 1)
        {
            text = $"Apply failed with 1 conflict: conflict with {all[0].Manager.Described}: {all[0].Path}";
        }
        else
        {
            var groups = all.GroupBy(one => one.Manager.Described).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"conflicts with {group.Key}:\n" + string.Join("\n", group.Select(one => "- " + one.Path)));
            text = $"Apply failed with {all.Count} conflicts: " + string.Join("\n", groups);
        }

        return new StatusException(409, "Conflict", text, new JsonObject { ["causes"] = new JsonArray(causes) });
    }

    private static string Shown(IReadOnlyList<string> path) => string.Concat(path.Select(step => step[..2] switch
    {
        "f:" => "." + step[2..],
        "k:" => Key(step),
        _ => "[=" + step[2..] + "]",
    }));

    /// <summary>An item of a list as paths name it: [name="a"].</summary>
    public static string Key(string step) => step.StartsWith("k:", StringComparison.Ordinal)
        ? "[" + string.Join(",", JsonAccess.ParseObject(step[2..]).Select(pair => $"{pair.Key}={pair.Value?.ToJsonString()}")) + "]"
        : "[=" + step[2..] + "]";
}
