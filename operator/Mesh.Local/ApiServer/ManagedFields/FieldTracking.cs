using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;
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

    /// <summary>The server's own fields belong to nobody.</summary>
    private static readonly string[] OwnMetadata =
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"];

    private static readonly StructuralSchema Untyped = new() { Type = "object", PreserveUnknownFields = true };

    /// <summary>After any write but apply: the writer takes what it changed from everyone.</summary>
    public static void Update(WriteRequest write, StoredObject? before, JsonObject body, DateTimeOffset now)
    {
        var metadata = body.Section("metadata");
        var sent = metadata["managedFields"] as JsonArray;
        var cleared = sent is [JsonObject { Count: 0 }];
        var ownership = cleared ? new Ownership() : Ownership.Read(sent is { Count: > 0 } ? sent : before?.Json.ToNode().At("metadata", "managedFields"));
        if (!cleared && (before is null || !ownership.IsEmpty))
            Take(write, before?.Edit(), body, ownership, new Manager(write.FieldManager, Manager.Update, write.ApiVersion, write.Subresource), now);
        Keep(metadata, ownership);
    }

    /// <summary>The live object with the applied one laid over it, its ownership settled.</summary>
    public static JsonObject Apply(WriteRequest write, StoredObject? before, JsonObject applied, bool force, DateTimeOffset now)
    {
        var schema = write.Version.Schema ?? Untyped;
        if (TypedValue.Problem(applied, schema, "") is { } problem)
        {
            throw new StatusException(500, null,
                $"failed to create typed patch object ({write.Namespace}/{write.Name}; {write.ApiVersion}, Kind={write.Resource.Kind}): {problem}");
        }

        var live = before?.Edit() ?? [];
        live["apiVersion"] = write.ApiVersion;
        live["kind"] = write.Resource.Kind;
        var ownership = Ownership.Read(live.At("metadata", "managedFields"));
        if (before is not null && ownership.IsEmpty)
            Take(write with { Subresource = "" }, null, live, ownership, new Manager(BeforeFirstApply, Manager.Update, write.ApiVersion, ""), now, keepStatus: true);
        var manager = new Manager(write.FieldManager, Manager.Apply, write.ApiVersion, write.Subresource);
        var wanted = Strip(write, TypedValue.Places(Tracked(applied), schema));
        var merged = (JsonObject)TypedValue.Merge(live, applied, schema)!;
        Prune(merged, wanted, ownership, manager, schema);
        Settle(write, live, merged, ownership, manager, force, schema, now);
        ownership.Set(manager, wanted, now);
        Keep(merged.Section("metadata"), ownership);
        return merged;
    }

    /// <summary>What the manager named before and no longer names goes, unless somebody else holds it.</summary>
    private static void Prune(JsonObject merged, FieldSet wanted, Ownership ownership, Manager manager, StructuralSchema schema)
    {
        if (ownership.Of(manager) is not { } last)
            return;
        var kept = wanted.Copy();
        foreach (var (_, set) in ownership.Entries.Where(entry => entry.Key != manager))
            kept.Add(set);
        TypedValue.Remove(merged, last.Minus(wanted), kept, schema);
    }

    private static void Settle(
        WriteRequest write, JsonObject live, JsonObject merged, Ownership ownership, Manager manager, bool force, StructuralSchema schema, DateTimeOffset now)
    {
        var (changed, removed) = Difference(write, live, merged, schema);
        var conflicts = ownership.Entries
            .Where(entry => entry.Key != manager)
            .Select(entry => (Manager: entry.Key, Fields: entry.Value.And(changed)))
            .Where(entry => !entry.Fields.IsEmpty)
            .ToList();
        if (conflicts.Count > 0 && !force)
            throw ConflictOf(conflicts);
        foreach (var (owner, set) in ownership.Entries.Where(entry => entry.Key != manager).ToList())
            ownership.Set(owner, set.Minus(changed).Minus(removed), now);
    }

    private static void Take(
        WriteRequest write, JsonObject? before, JsonObject after, Ownership ownership, Manager manager, DateTimeOffset now, bool keepStatus = false)
    {
        var schema = write.Version.Schema ?? Untyped;
        var (changed, removed) = Difference(write, before, after, schema, keepStatus);
        foreach (var (owner, set) in ownership.Entries.Where(entry => entry.Key != manager).ToList())
            ownership.Set(owner, set.Minus(changed).Minus(removed), now);
        var mine = (ownership.Of(manager) ?? new FieldSet()).Copy().Minus(removed).Add(changed);
        ownership.Set(manager, mine, now);
    }

    private static (FieldSet Changed, FieldSet Removed) Difference(
        WriteRequest write, JsonObject? before, JsonObject after, StructuralSchema schema, bool keepStatus = false)
    {
        var changed = new FieldSet();
        var removed = new FieldSet();
        TypedValue.Compare(before is null ? new JsonObject() : Tracked(before), Tracked(after), schema, changed, removed);
        return (Strip(write, changed, keepStatus), Strip(write, removed, keepStatus));
    }

    private static JsonObject Tracked(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("apiVersion");
        copy.Remove("kind");
        if (copy["metadata"] is not JsonObject metadata)
            return copy;
        foreach (var name in OwnMetadata)
            metadata.Remove(name);
        if (metadata.Count == 0)
            copy.Remove("metadata");
        return copy;
    }

    /// <summary>What this endpoint cannot write is not owned through it.</summary>
    private static FieldSet Strip(WriteRequest write, FieldSet set, bool keepStatus = false)
    {
        if (set.Child("f:metadata") is { } metadata)
            metadata.IsMember = false;
        if (write.Subresource == "status")
        {
            foreach (var (step, _) in set.Children.Where(pair => pair.Key != "f:status").ToList())
                set.Remove(step);
        }
        else if (write.Version.HasStatus && !keepStatus)
        {
            set.Remove("f:status");
        }

        set.IsMember = false;
        return set.Trim();
    }

    private static void Keep(JsonObject metadata, Ownership ownership)
    {
        if (ownership.ToJson() is { } entries)
            metadata["managedFields"] = entries;
        else
            metadata.Remove("managedFields");
    }

    private static StatusException ConflictOf(List<(Manager Manager, FieldSet Fields)> conflicts)
    {
        var all = conflicts.SelectMany(conflict => conflict.Fields.Members().Select(path => (conflict.Manager, Path: Shown(path)))).ToList();
        var causes = all.OrderBy(one => one.Path, StringComparer.Ordinal).Select(one => (JsonNode)new JsonObject
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
        "k:" => "[" + string.Join(",", JsonAccess.ParseObject(step[2..]).Select(pair => $"{pair.Key}={pair.Value?.ToJsonString()}")) + "]",
        _ => "[=" + step[2..] + "]",
    }));
}
