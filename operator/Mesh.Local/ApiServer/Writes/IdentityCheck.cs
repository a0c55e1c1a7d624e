using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>Whether a document is about the object its request names, and about the state of it that is stored.</summary>
internal static class IdentityCheck
{
    /// <summary>The document's namespace is the path's; a name it has is the path's too.</summary>
    public static void Place(WriteRequest write, JsonObject body)
    {
        var metadata = body.Section("metadata");
        if (write.Name.Length > 0 && metadata.Text("name") is { Length: > 0 } name && name != write.Name)
        {
            throw StatusException.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({write.Name})");
        }

        if (!write.Resource.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        if (metadata.Text("namespace") is { Length: > 0 } ns && ns != write.Namespace)
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        metadata["namespace"] = write.Namespace;
    }

    /// <summary>The change is of this object, and of this revision if it names one.</summary>
    public static void Change(WriteRequest write, JsonObject body, StoredObject before)
    {
        var metadata = body.Section("metadata");
        if (metadata.Text("name") is not { Length: > 0 })
        {
            throw StatusException.BadRequest(
                $"the name of the object ({write.Name} based on URL) was undeterminable: name must be provided");
        }

        if (metadata.Text("uid") is { Length: > 0 } uid && uid != before.Uid)
            throw WrongUid(write, uid, before);
        if (metadata.Text("resourceVersion") is not { Length: > 0 } revision)
        {
            if (write.Resource.IsCustom || write.Resource.Kind == "Lease")
            {
                throw StatusException.Invalid(write.Resource with { Kind = write.Resource.Plural }, write.Name,
                    [FieldProblem.Invalid("metadata.resourceVersion", "0", "must be specified for an update")]);
            }

            return;
        }

        if (!ulong.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new StatusException(500, null, $"strconv.ParseUint: parsing {FieldProblem.Quote(revision)}: invalid syntax");
        if (number != (ulong)before.Revision && number != 0)
            throw StatusException.Modified(write.Resource, write.Name);
    }

    /// <summary>What a patch did to the uid is an invalid change; a whole document is of another object.</summary>
    private static StatusException WrongUid(WriteRequest write, string uid, StoredObject before)
    {
        if (!write.IsPatch)
        {
            return StatusException.Conflict(write.Resource, write.Name,
                $"StorageError: invalid object, Code: 4, Key: /registry/{write.Resource.StoreId}/{before.Key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Uid}");
        }

        // Kubernetes looks at it twice, once for all kinds and once for this one, and says so.
        var problem = FieldProblem.Invalid("metadata.uid", FieldProblem.Quote(uid), "field is immutable");
        return StatusException.Invalid(write.Resource, write.Name, [problem, problem]);
    }
}
