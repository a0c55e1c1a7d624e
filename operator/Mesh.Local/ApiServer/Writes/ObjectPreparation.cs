using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.ManagedFields;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>The steps of a write that every kind shares: type and identity, metadata the server owns, defaults, checks.</summary>
internal sealed class ObjectPreparation(ObjectStore store, KindRulesTable kinds, TimeProvider time)
{
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The document must be of the kind and place the path names.</summary>
    public void Decode(WriteRequest write, JsonObject body)
    {
        BodyCheck.Type(write, body);
        if (body.TryGetPropertyValue("metadata", out var given) && given is not (null or JsonObject))
            throw StatusException.BadRequest($"{write.Resource.Kind} in version \"{write.Version.Name}\" cannot be handled as a {write.Resource.Kind}: metadata must be an object");
        var metadata = body.Section("metadata");
        if (write.Resource.Namespaced)
        {
            if (metadata.Text("namespace") is { Length: > 0 } ns && ns != write.Namespace)
                throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            metadata["namespace"] = write.Namespace;
        }
        else
        {
            metadata.Remove("namespace");
        }

        if (write.Name.Length > 0 && metadata.Text("name") is { Length: > 0 } name && name != write.Name)
        {
            throw StatusException.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({write.Name})");
        }

        BodyCheck.Fields(write, body);
    }

    public void NamespaceMustTake(WriteRequest write)
    {
        if (!write.Resource.Namespaced)
            return;
        var found = store.Find("namespaces", "", write.Namespace)
            ?? throw StatusException.NotFound(write.Catalog.Find("", "namespaces")!, write.Namespace);
        if (!found.IsTerminating)
            return;
        var problem = StatusException.Details(write.Resource, write.Name);
        problem["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating",
            ["message"] = $"namespace {write.Namespace} is being terminated",
            ["field"] = "metadata.namespace",
        });
        throw new StatusException(403, "Forbidden",
            $"{write.Resource.GroupResource} \"{write.Name}\" is forbidden: unable to create new content in namespace {write.Namespace} because it is being terminated",
            problem);
    }

    /// <summary>Kinds that Kubernetes knows as types always show a status, if only an empty one.</summary>
    public void BeforeMutation(WriteRequest write, JsonObject body)
    {
        if (body.Text("metadata", "resourceVersion") is { Length: > 0 } && !write.IsApply)
            throw new StatusException(500, null, "resourceVersion should not be set on objects to be created");
        if (write.Version.HasStatus && !write.Resource.IsCustom)
            body.Default("status", new JsonObject());
    }

    public void NewMetadata(WriteRequest write, JsonObject body)
    {
        var metadata = body.Section("metadata");
        foreach (var owned in (ReadOnlySpan<string>)["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
            metadata.Remove(owned);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Seconds(time.GetUtcNow());
        if (kinds.For(write.Resource).HasGeneration(write))
            metadata["generation"] = 1;
        if (write.Version.HasStatus && !kinds.For(write.Resource).KeepsStatusOnCreate)
            body.Remove("status");
    }

    /// <summary>Names an object that only has the beginning of a name; a name that is taken is not tried.</summary>
    public void NameIt(WriteRequest write, JsonObject body, ObjectStore objects)
    {
        var metadata = body.Section("metadata");
        if (metadata.Text("name") is { Length: > 0 })
            return;
        if (metadata.Text("generateName") is not { Length: > 0 } beginning)
            return;
        if (beginning.Length > 58)
            beginning = beginning[..58];
        string name;
        do
        {
            name = beginning + RandomNumberGenerator.GetString(NameLetters, 5);
        }
        while (objects.Find(write.Resource.StoreId, write.Namespace, name) is not null);
        metadata["name"] = name;
    }

    public void MustNotExist(WriteRequest write, JsonObject body, ObjectStore objects)
    {
        var name = body.Text("metadata", "name") ?? "";
        if (objects.Find(write.Resource.StoreId, write.Namespace, name) is not null)
            throw StatusException.AlreadyExists(write.Resource, name);
    }

    /// <summary>The change is of this object, and of this revision if it names one.</summary>
    public void CheckIdentity(WriteRequest write, JsonObject body, StoredObject before)
    {
        Decode(write, body);
        var metadata = body.Section("metadata");
        metadata["name"] ??= write.Name;
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != before.Uid)
        {
            throw StatusException.Conflict(write.Resource, write.Name,
                $"StorageError: invalid object, Code: 4, Key: /registry/{write.Resource.StoreId}/{before.Key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Uid}");
        }

        if (metadata.Text("resourceVersion") is not { Length: > 0 } revision)
        {
            if (write.Resource.IsCustom || write.Resource.Kind == "Lease")
            {
                throw StatusException.Invalid(write.Resource, write.Name,
                    [FieldProblem.Invalid("metadata.resourceVersion", "0", "must be specified for an update")]);
            }

            return;
        }

        if (!long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw StatusException.Internal(
                $"Invalid value: \"{revision}\": strconv.ParseUint: parsing \"{revision}\": invalid syntax");
        }

        if (number != before.Revision && number != 0)
            throw StatusException.Modified(write.Resource, write.Name);
    }

    /// <summary>What the server owns is taken from the stored object, whatever was sent.</summary>
    public void KeepMetadata(WriteRequest write, JsonObject body, StoredObject before)
    {
        var metadata = body.Section("metadata");
        var old = before.Edit();
        var oldMetadata = old.Section("metadata");
        foreach (var owned in (ReadOnlySpan<string>)["uid", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generateName"])
            metadata.CopyFrom(oldMetadata, owned);
        if (!write.IsApply && !metadata.ContainsKey("managedFields"))
            metadata.CopyFrom(oldMetadata, "managedFields");
        if (before.IsTerminating)
            KeepFinalizersShrinking(write, metadata, oldMetadata);
        if (write.Subresource == "status")
            StatusOnly(body, old);
        else if (write.Version.HasStatus && write.Subresource != "binding")
            body.CopyFrom(old, "status");
    }

    public void Default(WriteRequest write, JsonObject body)
    {
        if (write.Resource.IsCustom && write.Version.Schema is { } schema)
        {
            SchemaPruning.Prune(body, schema);
            SchemaDefaults.Apply(body, schema);
        }

        kinds.For(write.Resource).Default(body);
    }

    /// <summary>Webhooks may not touch identity; what they add gets its defaults too, and fields nobody knows go.</summary>
    public void AfterMutation(WriteRequest write, JsonObject body, StoredObject? before)
    {
        BodyCheck.Fields(write with { FieldValidation = "Ignore" }, body);
        Default(write, body);
        if (before is null)
            return;
        var metadata = body.Section("metadata");
        metadata["name"] = before.Name;
    }

    public void Validate(WriteRequest write, JsonObject body, StoredObject? before)
    {
        var problems = new List<FieldProblem>();
        MetadataCheck.Add(problems, write, body);
        if (write.Resource.IsCustom && write.Version.Schema is { } schema)
            SchemaValidation.Add(problems, schema, body, before?.Json);
        kinds.For(write.Resource).Validate(problems, body, before);
        if (problems.Count > 0)
            throw StatusException.Invalid(write.Resource, body.Text("metadata", "name") ?? "", problems);
    }

    /// <summary>The generation counts changes of what the user wants: anything but metadata and status.</summary>
    public void Generation(WriteRequest write, JsonObject body, StoredObject before)
    {
        if (!kinds.For(write.Resource).HasGeneration(write) || write.Subresource == "status")
            return;
        var old = before.Edit();
        var (left, right) = (Wanted(body, write), Wanted(old, write));
        if (!JsonNode.DeepEquals(left, right))
            body.Section("metadata")["generation"] = (old.Integer("metadata", "generation") ?? 0) + 1;
    }

    /// <summary>Who owns what the write changed. An apply has settled that with the merge, and only what admission added is left.</summary>
    public void TrackFields(WriteRequest write, StoredObject? before, JsonObject body)
    {
        if (!write.IsApply)
            FieldTracking.Update(write, before, body, time.GetUtcNow());
    }

    public void CheckApplied(WriteRequest write, JsonObject applied)
    {
        if (write.FieldManagerGiven is false)
            throw ApplyOptions(FieldProblem.Required("fieldManager", "is required for apply patch"));
        if (write.FieldManager.Length > 128)
            throw ApplyOptions(FieldProblem.TooLong("fieldManager", 128));
        if (applied.Text("apiVersion") != write.ApiVersion || applied.Text("kind") != write.Resource.Kind)
        {
            var apiVersion = applied.Text("apiVersion") ?? "";
            throw StatusException.BadRequest($"invalid object type: {(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion : "/" + apiVersion)}, Kind={applied.Text("kind")}");
        }

        var metadata = applied.Section("metadata");
        if (metadata.ContainsKey("managedFields"))
            throw StatusException.BadRequest("metadata.managedFields must be nil");
        if (metadata.Text("name") is { Length: > 0 } name && name != write.Name)
            throw StatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({write.Name})");
        metadata["name"] = write.Name;
        if (!write.Resource.Namespaced)
            return;
        if (metadata.Text("namespace") is { Length: > 0 } ns && ns != write.Namespace)
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        metadata["namespace"] = write.Namespace;
    }

    public void CheckAppliedCreates(WriteRequest write, JsonObject applied)
    {
        if (write.Subresource.Length > 0)
            throw StatusException.NotFound(write.Resource, write.Name);
        if (applied.Text("metadata", "uid") is { Length: > 0 } uid)
        {
            throw StatusException.Conflict(write.Resource, write.Name,
                $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }
    }

    public void ToStorageVersion(WriteRequest write, JsonObject body)
    {
        body["apiVersion"] = EventConversion.Applies(write.Resource) ? "v1" : write.Resource.StorageApiVersion;
        body["kind"] = write.Resource.Kind;
        if (EventConversion.Applies(write.Resource))
            EventConversion.ToStored(body);
    }

    private static StatusException ApplyOptions(FieldProblem problem) => new(
        422, "Invalid", $"PatchOptions.meta.k8s.io \"\" is invalid: {problem.Field}: {problem.Message}",
        new JsonObject
        {
            ["group"] = "meta.k8s.io",
            ["kind"] = "PatchOptions",
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = problem.Reason, ["message"] = problem.Message, ["field"] = problem.Field }),
        });

    private static JsonObject Wanted(JsonObject item, WriteRequest write)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("metadata");
        copy.Remove("apiVersion");
        copy.Remove("kind");
        if (write.Version.HasStatus || !write.Resource.IsCustom)
            copy.Remove("status");
        return copy;
    }

    private static void StatusOnly(JsonObject body, JsonObject old)
    {
        var status = body["status"]?.DeepClone();
        var managed = body.At("metadata", "managedFields")?.DeepClone();
        body.Clear();
        foreach (var (name, value) in old)
            body[name] = value?.DeepClone();
        if (status is null)
            body.Remove("status");
        else
            body["status"] = status;
        if (managed is not null)
            body.Section("metadata")["managedFields"] = managed;
    }

    private static void KeepFinalizersShrinking(WriteRequest write, JsonObject metadata, JsonObject old)
    {
        var before = old.List("finalizers")?.Select(item => item!.GetValue<string>()).ToHashSet() ?? [];
        var added = (metadata["finalizers"] as JsonArray)?.Select(item => item!.GetValue<string>()).Where(item => !before.Contains(item)).ToList() ?? [];
        if (added.Count == 0)
            return;
        throw StatusException.Invalid(write.Resource, write.Name,
            [FieldProblem.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(FieldProblem.Quote))}}}")]);
    }
}
