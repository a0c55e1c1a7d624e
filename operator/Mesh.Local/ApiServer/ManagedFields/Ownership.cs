using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>All managers of an object and what each owns, as kept in metadata.managedFields.</summary>
internal sealed class Ownership
{
    private const string Ancient = "ancient-changes";
    private const int MostUpdaters = 10;
    private readonly Dictionary<Manager, Owned> entries = [];

    public bool IsEmpty => entries.Count == 0;

    public IEnumerable<Manager> Managers => entries.Keys;

    public FieldSet? Of(Manager manager) => entries.GetValueOrDefault(manager)?.Set;

    public string? TimeOf(Manager manager) => entries.GetValueOrDefault(manager)?.Time;

    public static Ownership Read(JsonNode? managedFields)
    {
        var ownership = new Ownership();
        foreach (var entry in (managedFields as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if (entry.Text("manager") is not { } name || entry.Map("fieldsV1") is not { } fields)
                continue;
            var manager = new Manager(name, entry.Text("operation") ?? Manager.Update, entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "");
            ownership.entries[manager] = new Owned(fields, entry.Text("time"));
        }

        return ownership;
    }

    /// <summary>Sets what a manager owns; one that owns nothing is no manager.</summary>
    public void Set(Manager manager, FieldSet set, string? time)
    {
        set.Trim();
        if (set.IsEmpty)
            entries.Remove(manager);
        else
            entries[manager] = new Owned(set, time);
    }

    /// <summary>Takes places from everybody but one. When somebody took his own is not touched by what others take.</summary>
    public void TakeFromOthers(Manager manager, FieldSet places)
    {
        foreach (var (other, owned) in entries.Where(entry => entry.Key != manager).ToList())
        {
            if (!owned.Set.And(places).IsEmpty)
                Set(other, owned.Set.Minus(places), owned.Time);
        }
    }

    /// <summary>Ten may write without applying; the oldest beyond them become one.</summary>
    public void CapUpdaters()
    {
        var updaters = entries.Where(entry => entry.Key.Operation == Manager.Update)
            .OrderBy(entry => entry.Value.Time ?? "", StringComparer.Ordinal).ThenBy(entry => entry.Key.Name, StringComparer.Ordinal).ToList();
        var left = updaters.Count;
        foreach (var (manager, owned) in updaters)
        {
            if (left <= MostUpdaters)
                return;
            var bucket = new Manager(Ancient, Manager.Update, manager.ApiVersion, "");
            if (bucket == manager)
                continue;
            left -= entries.ContainsKey(bucket) ? 1 : 0;
            entries.Remove(manager);
            Set(bucket, (Of(bucket)?.Copy() ?? new FieldSet()).Add(owned.Set), owned.Time);
        }
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
        return new JsonArray([.. ordered.Select(pair => Entry(pair.Key, pair.Value))]);
    }

    private static JsonNode Entry(Manager manager, Owned owned)
    {
        var entry = new JsonObject { ["manager"] = manager.Name, ["operation"] = manager.Operation, ["apiVersion"] = manager.ApiVersion };
        if (owned.Time is not null)
            entry["time"] = owned.Time;
        entry["fieldsType"] = "FieldsV1";
        entry["fieldsV1"] = owned.ToJson();
        if (manager.Subresource.Length > 0)
            entry["subresource"] = manager.Subresource;
        return entry;
    }
}
