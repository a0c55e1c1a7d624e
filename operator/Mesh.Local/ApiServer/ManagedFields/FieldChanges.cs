using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// What one state of an object has over another: places that came or changed, and places that went. Only what this endpoint can
/// write is looked at, and what the server itself owns in the metadata belongs to nobody.
/// </summary>
internal sealed class FieldChanges
{
    private static readonly HashSet<string> OwnMetadata =
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"];

    private static readonly StructuralSchema Untyped = new() { Type = "object", PreserveUnknownFields = true };
    private readonly FieldSet changed = new();
    private readonly FieldSet removed = new();

    public FieldSet Changed => changed;

    public FieldSet Removed => removed;

    public bool IsEmpty => changed.IsEmpty && removed.IsEmpty;

    public static StructuralSchema SchemaOf(WriteRequest write) => write.Version.Schema ?? Untyped;

    public static FieldChanges Between(WriteRequest write, JsonObject? before, JsonObject after, bool everything = false)
    {
        var changes = new FieldChanges();
        var schema = SchemaOf(write);
        foreach (var name in TypedValue.Names(before, after))
        {
            if (name == "metadata")
                changes.Metadata(before?[name] as JsonObject, after[name] as JsonObject, field => everything || IsWrittenMetadata(write, field));
            else if (everything ? IsContent(name) : IsWritten(write, name))
                changes.Field(before, after, schema, name, changes.changed, changes.removed, custom: write.Resource.IsCustom);
        }

        return changes;
    }

    /// <summary>Whether this endpoint writes a field of the object; what it resets is not owned through it.</summary>
    public static bool IsWritten(WriteRequest write, string name) => IsContent(name) && (write.Subresource == "status"
        ? name == "status"
        : name != "status" || !write.Version.HasStatus);

    private static bool IsContent(string name) => name is not ("apiVersion" or "kind" or "metadata");

    /// <summary>With the status of a built-in kind its annotations can be written, of a custom one nothing but the status.</summary>
    public static bool IsWrittenMetadata(WriteRequest write, string name) => !OwnMetadata.Contains(name)
        && (write.Subresource != "status" || (name == "annotations" && !write.Resource.IsCustom));

    private void Metadata(JsonObject? before, JsonObject? after, Func<string, bool> isWritten)
    {
        FieldSet here = new(), gone = new();
        foreach (var name in TypedValue.Names(before, after).Where(name => !OwnMetadata.Contains(name) && isWritten(name)))
            Field(before ?? [], after ?? [], BuiltInSchemas.Metadata, name, here, gone, custom: false);
        if (!here.IsEmpty)
            changed.At("f:metadata").Add(here);
        if (!gone.IsEmpty)
            removed.At("f:metadata").Add(gone);
    }

    private void Field(JsonObject? before, JsonObject? after, StructuralSchema schema, string name, FieldSet here, FieldSet gone, bool custom)
    {
        // A Go object that is not there yet is an empty one: its structs by value are there already.
        var (come, went) = TypedValue.CompareField(before, after, name, schema, parentWas: before is not null || !custom, parentIs: after is not null);
        if (come is not null)
            here.Put("f:" + name, come);
        if (went is not null)
            gone.Put("f:" + name, went);
    }
}
