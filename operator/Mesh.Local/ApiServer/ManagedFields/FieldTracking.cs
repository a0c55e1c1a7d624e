using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// Who owns which field. A write owns what it changed; an apply owns what it names, gives up what it no longer names, and may
/// not change what another owns without force. An object nobody tracked yet is not tracked by mere updates: with its first
/// apply everything it has belongs to "before-first-apply".
/// </summary>
internal static class FieldTracking
{
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>After any write but apply: the writer takes what it changed from everyone.</summary>
    public static void Update(WriteRequest write, JsonObject? before, JsonObject body, DateTimeOffset now)
    {
        var metadata = body.Section("metadata");
        var known = before.At("metadata", "managedFields");
        var sent = metadata["managedFields"] as JsonArray;
        metadata.Remove("managedFields");
        if (sent is [JsonObject { Count: 0 }])
            return;
        if (sent is { Count: > 0 } && (before is null || !JsonNode.DeepEquals(sent, known)))
            known = sent;
        var changes = before is null || known is JsonArray { Count: > 0 } ? FieldChanges.Between(write, before, body) : null;
        if (changes is null or { IsEmpty: true })
        {
            Keep(metadata, known as JsonArray);
            return;
        }

        var ownership = Ownership.Read(known);
        if (write.Subresource == "scale" && !ownership.Managers.Any(manager => !ownership.Of(manager)!.And(changes.Changed).IsEmpty))
        {
            // Scaling takes the number from who owns it; where nobody does, nobody is told.
            Keep(metadata, known as JsonArray);
            return;
        }

        Take(write, ownership, changes, now);
        Keep(metadata, ownership.ToJson());
    }

    /// <summary>The live object with the applied one laid over it, its ownership settled.</summary>
    public static JsonObject Apply(WriteRequest write, JsonObject? before, JsonObject applied, bool force, DateTimeOffset now)
    {
        var schema = FieldChanges.SchemaOf(write);
        var live = before ?? [];
        live["apiVersion"] = write.ApiVersion;
        live["kind"] = write.Resource.Kind;
        var ownership = Ownership.Read(live.At("metadata", "managedFields"));
        if (before is not null && ownership.IsEmpty)
            ownership.Set(new Manager(BeforeFirstApply, Manager.Update, write.ApiVersion, ""), FieldChanges.Between(write, null, live, everything: true).Changed, Timestamps.Seconds(now));
        var manager = new Manager(write.FieldManager, Manager.Apply, write.ApiVersion, write.Subresource);
        var last = LastOf(ownership, manager);
        var wanted = Wanted(write, applied, schema);
        var merged = (JsonObject)TypedMerge.Merge(live, applied, schema)!;
        if (last is not null)
            Prune(merged, last.Minus(wanted), wanted, ownership, manager, schema);
        var changes = FieldChanges.Between(write, live, merged);
        var conflicts = Conflicts.Of(ownership, manager, changes.Changed);
        if (conflicts.Count > 0 && !force)
            throw Conflicts.Refuse(conflicts);
        ownership.TakeFromOthers(manager, changes.Changed.Copy().Add(changes.Removed));
        // Who only joins what others own changed nothing, and has no time for it.
        ownership.Set(manager, wanted, changes.IsEmpty ? ownership.TimeOf(manager) : Timestamps.Seconds(now));
        Keep(merged.Section("metadata"), ownership.ToJson());
        return merged;
    }

    /// <summary>The same manager may have applied in another version; that is the same intent, now in this one.</summary>
    private static FieldSet? LastOf(Ownership ownership, Manager manager)
    {
        foreach (var other in ownership.Managers.Where(one => one != manager && one with { ApiVersion = manager.ApiVersion } == manager).ToList())
        {
            ownership.Set(manager, (ownership.Of(manager)?.Copy() ?? new FieldSet()).Add(ownership.Of(other)!), ownership.TimeOf(other));
            ownership.Set(other, new FieldSet(), null);
        }

        return ownership.Of(manager);
    }

    private static FieldSet Wanted(WriteRequest write, JsonObject applied, StructuralSchema schema)
    {
        var wanted = new FieldSet();
        foreach (var (name, value) in applied)
        {
            if (name == "metadata" && value is JsonObject metadata)
            {
                foreach (var (field, given) in metadata.Where(pair => FieldChanges.IsWrittenMetadata(write, pair.Key)))
                    wanted.At("f:metadata").Put("f:" + field, TypedValue.Places(given, TypedValue.FieldSchema(BuiltInSchemas.Metadata, field)));
            }
            else if (FieldChanges.IsWritten(write, name))
            {
                var places = TypedValue.Places(value, TypedValue.FieldSchema(schema, name));
                places.IsMember |= !schema.Properties.ContainsKey(name);
                wanted.Put("f:" + name, places);
            }
        }

        return wanted.Trim();
    }

    /// <summary>What the manager named before and no longer names goes, unless somebody else holds it.</summary>
    private static void Prune(JsonObject merged, FieldSet dropped, FieldSet wanted, Ownership ownership, Manager manager, StructuralSchema schema)
    {
        if (dropped.IsEmpty)
            return;
        var kept = wanted.Copy();
        foreach (var other in ownership.Managers.Where(one => one != manager))
            kept.Add(ownership.Of(other)!);
        // The metadata stays, whoever owns something in it.
        kept.At("f:metadata").IsMember = true;
        TypedValue.Remove(merged, dropped, kept, schema);
    }

    private static void Take(WriteRequest write, Ownership ownership, FieldChanges changes, DateTimeOffset now)
    {
        var manager = new Manager(write.FieldManager, Manager.Update, write.ApiVersion, write.Subresource);
        ownership.TakeFromOthers(manager, changes.Changed.Copy().Add(changes.Removed));
        var mine = (ownership.Of(manager)?.Copy() ?? new FieldSet()).Minus(changes.Removed).Add(changes.Changed);
        ownership.Set(manager, mine, changes.Changed.IsEmpty || write.Subresource == "scale" ? ownership.TimeOf(manager) : Timestamps.Seconds(now));
        ownership.CapUpdaters();
    }

    private static void Keep(JsonObject metadata, JsonArray? managedFields)
    {
        metadata.Remove("managedFields");
        if (managedFields is { Count: > 0 })
            metadata["managedFields"] = managedFields.Parent is null ? managedFields : managedFields.DeepClone();
    }
}
