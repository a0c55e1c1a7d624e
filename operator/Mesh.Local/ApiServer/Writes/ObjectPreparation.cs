using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.Lifecycle;
using Mesh.Local.ApiServer.ManagedFields;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>The steps of a write that every kind shares: type and identity, metadata the server owns, defaults, checks.</summary>
internal sealed class ObjectPreparation(ObjectStore store, KindRulesTable kinds, TimeProvider time)
{
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The document must be of the kind and place the path names.</summary>
    public static void Decode(WriteRequest write, JsonObject body)
    {
        BodyCheck.Decode(write, body);
        IdentityCheck.Place(write, body);
    }

    public void NamespaceMustTake(WriteRequest write, JsonObject body)
    {
        if (write.Resource.IsCustom && store.Find(CustomResources.StoreId, "", write.Resource.GroupResource) is { IsTerminating: true })
            throw StatusException.Forbidden(write.Resource, body.Text("metadata", "name") ?? "", "create not allowed while custom resource definition is terminating");
        if (!write.Resource.Namespaced)
            return;
        var found = store.Find("namespaces", "", write.Namespace)
            ?? throw StatusException.NotFound(write.Catalog.Find("", "namespaces")!, write.Namespace);
        if (!found.IsTerminating)
            return;
        var name = write.Name.Length > 0 ? write.Name : body.Text("metadata", "name") ?? "";
        var problem = StatusException.Details(write.Resource, name);
        problem["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating",
            ["message"] = $"namespace {write.Namespace} is being terminated",
            ["field"] = "metadata.namespace",
        });
        throw new StatusException(403, "Forbidden",
            $"{write.Resource.GroupResource} \"{name}\" is forbidden: unable to create new content in namespace {write.Namespace} because it is being terminated",
            problem);
    }

    /// <summary>Kinds that Kubernetes knows as types always show a status, if only an empty one.</summary>
    public static void BeforeMutation(WriteRequest write, JsonObject body)
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
        foreach (var map in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (metadata[map] is JsonObject { Count: 0 })
                metadata.Remove(map);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Seconds(time.GetUtcNow());
        if (kinds.For(write.Resource).HasGeneration(write))
            metadata["generation"] = 1;
        if (write.Version.HasStatus && !kinds.For(write.Resource).KeepsStatusOnCreate)
            body.Remove("status");
    }

    /// <summary>Names an object that only has the beginning of a name; a name that is taken is not tried.</summary>
    public static void NameIt(WriteRequest write, JsonObject body, ObjectStore objects)
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

    public static void MustNotExist(WriteRequest write, JsonObject body, ObjectStore objects)
    {
        var name = body.Text("metadata", "name") ?? "";
        if (objects.Find(write.Resource.StoreId, write.Namespace, name) is not null)
            throw Exists(write, name, objects);
    }

    public static StatusException Exists(WriteRequest write, string name, ObjectStore objects) => StatusException.AlreadyExists(
        write.Resource, name, objects.Find(write.Resource.StoreId, write.Namespace, name) is { IsTerminating: true } ? "object is being deleted: " : "");

    /// <summary>What the server owns is taken from the stored object, whatever was sent.</summary>
    public static void KeepMetadata(WriteRequest write, JsonObject body, JsonObject old)
    {
        var metadata = body.Section("metadata");
        var oldMetadata = old.Section("metadata");
        foreach (var owned in (ReadOnlySpan<string>)["uid", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"])
            metadata.CopyFrom(oldMetadata, owned);
        if (oldMetadata.ContainsKey("deletionTimestamp"))
            KeepFinalizersShrinking(write, metadata, oldMetadata);
        if (write.Subresource == "status")
            StatusOnly(body, old, write.Resource.IsCustom);
        else if (write.Version.HasStatus && write.Subresource != "binding")
            body.CopyFrom(old, "status");
    }

    public void Default(WriteRequest write, JsonObject body)
    {
        if (write.Resource.IsCustom && write.Version.Schema is { } schema)
        {
            CustomShape.Coerce(body, schema, []);
            SchemaDefaults.Apply(body, schema);
        }

        kinds.For(write.Resource).Default(body);
    }

    /// <summary>Webhooks may not touch identity; what they add gets its defaults too, and fields nobody knows go.</summary>
    public void AfterMutation(WriteRequest write, JsonObject body, StoredObject? before)
    {
        BodyCheck.Decode(write with { FieldValidation = "Ignore", Patched = null }, body);
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
            Schema(problems, write, schema, body, before);
        kinds.For(write.Resource).Validate(problems, body, before);
        if (problems.Count > 0)
        {
            // Events of either group are checked, and refused, as those of the core group.
            var told = EventConversion.Applies(write.Resource) ? write.Resource with { Group = "" } : write.Resource;
            throw StatusException.Invalid(told, body.Text("metadata", "name") ?? "", problems);
        }
    }

    /// <summary>Through the status endpoint only the status can have changed, and is looked at by itself.</summary>
    private static void Schema(List<FieldProblem> problems, WriteRequest write, StructuralSchema schema, JsonObject body, StoredObject? before)
    {
        if (schema.Source is not { } source)
            return;
        if (write.Subresource != "status")
            SchemaValidation.Add(problems, source, body.ToElement(), before?.Json);
        else if (source.At("properties", "status") is { } part && body["status"] is { } status)
            SchemaValidation.Add(problems, part, status.ToElement(), before?.Json.At("status"), "status");
    }

    /// <summary>The generation counts changes of what the user wants: anything but metadata and status.</summary>
    public void Generation(WriteRequest write, JsonObject body, JsonObject old)
    {
        if (!kinds.For(write.Resource).HasGeneration(write) || write.Subresource == "status")
            return;
        var same = write.Version.HasStatus || !write.Resource.IsCustom
            ? Sameness.Equal(old, body, "metadata", "apiVersion", "kind", "status")
            : Sameness.Equal(old, body, "metadata", "apiVersion", "kind");
        if (!same)
            body.Section("metadata")["generation"] = (old.Integer("metadata", "generation") ?? 0) + 1;
    }

    /// <summary>Who owns what the write changed. An apply has settled that with the merge, and only what admission added is left.</summary>
    public void TrackFields(WriteRequest write, JsonObject? old, JsonObject body)
    {
        // Which node a pod is bound to belongs to nobody.
        if (!write.IsApply && write.Subresource != "binding")
            FieldTracking.Update(write, old, body, time.GetUtcNow());
    }

    public static void ToStorageVersion(WriteRequest write, JsonObject body)
    {
        body["apiVersion"] = EventConversion.Applies(write.Resource) ? "v1" : write.Resource.StorageApiVersion;
        body["kind"] = write.Resource.Kind;
        if (EventConversion.Applies(write.Resource))
            EventConversion.ToStored(body);
    }

    private static void StatusOnly(JsonObject body, JsonObject old, bool isCustom)
    {
        var status = body["status"]?.DeepClone();
        var managed = body.At("metadata", "managedFields")?.DeepClone();
        var annotations = body.At("metadata", "annotations")?.DeepClone();
        body.Clear();
        foreach (var (name, value) in old)
            body[name] = value?.DeepClone();
        if (status is null)
            body.Remove("status");
        else
            body["status"] = status;
        if (managed is not null)
            body.Section("metadata")["managedFields"] = managed;
        // Kinds with a type of their own let notes through here; a Deployment's revision comes with its status.
        if (isCustom)
            return;
        if (annotations is null)
            body.Section("metadata").Remove("annotations");
        else
            body.Section("metadata")["annotations"] = annotations;
    }

    private static void KeepFinalizersShrinking(WriteRequest write, JsonObject metadata, JsonObject old)
    {
        var before = old.List("finalizers")?.Select(item => item!.GetValue<string>()).ToHashSet() ?? [];
        var added = (metadata["finalizers"] as JsonArray)?.Select(item => item!.GetValue<string>()).Where(item => !before.Contains(item)).ToList() ?? [];
        if (added.Count == 0)
            return;
        // Told twice, as a wrong uid is: once for all kinds and once for this one.
        var problem = FieldProblem.Forbidden("metadata.finalizers",
            $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(FieldProblem.Quote))}}}");
        throw StatusException.Invalid(write.Resource, write.Name, [problem, problem]);
    }
}
