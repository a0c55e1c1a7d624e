using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.ManagedFields;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>What server-side apply asks of its request, before anything is merged.</summary>
internal static class ApplyCheck
{
    private const string OptionsKind = "PatchOptions";

    public static void Document(WriteRequest write, JsonObject applied)
    {
        if (write.FieldManagerGiven is false)
            throw RequestOptions.Invalid(OptionsKind, FieldProblem.Required("fieldManager", "is required for apply patch"));
        var apiVersion = applied.Text("apiVersion") ?? "";
        if (apiVersion != write.ApiVersion || applied.Text("kind") != write.Resource.Kind)
            throw StatusException.BadRequest($"invalid object type: {(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion : "/" + apiVersion)}, Kind={applied.Text("kind")}");
        if (applied.At("metadata") is JsonObject given && given.ContainsKey("managedFields"))
            throw StatusException.BadRequest("metadata.managedFields must be nil");
        TypedCheck.Check(write, applied);
        IdentityCheck.Place(write, applied);
        applied.Section("metadata")["name"] = write.Name;
    }

    /// <summary>Where the object is not there yet.</summary>
    public static void Create(WriteRequest write, JsonObject applied)
    {
        if (write.Subresource.Length > 0)
            throw StatusException.NotFound(write.Resource, write.Name);
        if (applied.Text("metadata", "uid") is { Length: > 0 } uid)
        {
            throw StatusException.Conflict(write.Resource, write.Name,
                $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }
    }
}
