using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// The status of a CustomResourceDefinition: which of its names it got (those nobody else in its group has), and its
/// conditions.
/// </summary>
internal static class DefinitionStatus
{
    public static bool Holds(StoredObject definition, string type) =>
        Condition(definition, type) is { } found && found.Text("status") == "True";

    public static string? Reason(StoredObject definition, string type) => Condition(definition, type)?.Text("reason");

    /// <summary>Sets a condition; its time moves only when it turns.</summary>
    public static void Set(JsonObject status, DefinitionCondition condition, DateTimeOffset now)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        var holds = condition.Holds ? "True" : "False";
        var known = conditions.OfType<JsonObject>().FirstOrDefault(one => one.Text("type") == condition.Type);
        var made = new JsonObject
        {
            ["type"] = condition.Type,
            ["status"] = holds,
            ["lastTransitionTime"] = known.Text("status") == holds ? known.Text("lastTransitionTime") : Timestamps.Seconds(now),
            ["reason"] = condition.Reason,
            ["message"] = condition.Message,
        };
        if (known is null)
            conditions.Add(made);
        else
            conditions[conditions.IndexOf(known)] = made;
    }

    /// <summary>The names as asked for, but for those another definition of the group has, and what to say of that.</summary>
    public static (JsonObject Names, DefinitionCondition Accepted) Names(StoredObject definition, IEnumerable<StoredObject> all)
    {
        var others = all.Where(other => other.Name != definition.Name && other.Json.Text("spec", "group") == definition.Json.Text("spec", "group"))
            .Select(other => other.Json.At("status", "acceptedNames")).OfType<JsonElement>().ToList();
        var resources = others.SelectMany(names => (IEnumerable<string?>)[names.Text("plural"), names.Text("singular"), .. names.Items("shortNames").Select(one => one.GetString())]).ToHashSet();
        var kinds = others.SelectMany(names => (string?[])[names.Text("kind"), names.Text("listKind")]).ToHashSet();
        var wanted = (JsonObject)definition.Json.At("spec", "names")!.Value.ToAnyNode()!;
        var kept = definition.Json.At("status", "acceptedNames");
        DefinitionCondition? conflict = null;
        foreach (var (field, taken, reason) in (ReadOnlySpan<(string, HashSet<string?>, string)>)[("plural", resources, "PluralConflict"),
            ("singular", resources, "SingularConflict"), ("kind", kinds, "KindConflict"), ("listKind", kinds, "ListKindConflict")])
        {
            if (wanted.Text(field) is not { Length: > 0 } name || !taken.Contains(name))
                continue;
            conflict ??= Conflict(reason, name);
            wanted[field] = kept?.Text(field) ?? "";
        }

        foreach (var name in definition.Json.Items("spec", "names", "shortNames").Select(one => one.GetString() ?? "").Where(resources.Contains))
        {
            conflict ??= Conflict("ShortNamesConflict", name);
            wanted.Remove("shortNames");
        }

        return (wanted, conflict ?? new DefinitionCondition("NamesAccepted", true, "NoConflicts", "no conflicts found"));
    }

    private static DefinitionCondition Conflict(string reason, string name) => new("NamesAccepted", false, reason, $"\"{name}\" is already in use");

    private static JsonElement? Condition(StoredObject definition, string type)
    {
        foreach (var condition in definition.Json.Items("status", "conditions"))
        {
            if (condition.Text("type") == type)
                return condition;
        }

        return null;
    }
}
