using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>All managers of an object and what each owns, as kept in metadata.managedFields.</summary>
internal sealed class Ownership
{
    private readonly Dictionary<Manager, (FieldSet Set, string? Time)> entries = [];

    public bool IsEmpty => entries.Count == 0;

    public IEnumerable<KeyValuePair<Manager, FieldSet>> Entries =>
        entries.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Set));

    public FieldSet? Of(Manager manager) => entries.TryGetValue(manager, out var entry) ? entry.Set : null;

    public static Ownership Read(JsonNode? managedFields)
    {
        var ownership = new Ownership();
        foreach (var entry in (managedFields as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if (entry.Text("manager") is not { } name || entry.Map("fieldsV1") is not { } fields)
                continue;
            var manager = new Manager(name, entry.Text("operation") ?? Manager.Update, entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "");
            ownership.entries[manager] = (FieldSet.FromJson(fields), entry.Text("time"));
        }

        return ownership;
    }

    /// <summary>Sets what a manager owns; the time moves only when that changed.</summary>
    public void Set(Manager manager, FieldSet set, DateTimeOffset now)
    {
        set.Trim();
        if (set.IsEmpty)
            entries.Remove(manager);
        else if (!entries.TryGetValue(manager, out var entry) || !entry.Set.SameAs(set))
            entries[manager] = (set, Timestamps.Seconds(now));
    }

    public JsonArray? ToJson()
    {
        if (entries.Count == 0)
            return null;
        var ordered = entries
            .OrderBy(pair => pair.Key.Operation, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value.Time ?? "", StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.ApiVersion, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Subresource, StringComparer.Ordinal);
        return new JsonArray([.. ordered.Select(pair => Entry(pair.Key, pair.Value.Set, pair.Value.Time))]);
    }

    private static JsonNode Entry(Manager manager, FieldSet set, string? time)
    {
        var entry = new JsonObject { ["manager"] = manager.Name, ["operation"] = manager.Operation, ["apiVersion"] = manager.ApiVersion };
        if (time is not null)
            entry["time"] = time;
        entry["fieldsType"] = "FieldsV1";
        entry["fieldsV1"] = set.ToJson();
        if (manager.Subresource.Length > 0)
            entry["subresource"] = manager.Subresource;
        return entry;
    }
}
