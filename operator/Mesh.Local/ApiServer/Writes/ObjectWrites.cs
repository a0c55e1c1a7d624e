using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.ManagedFields;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>
/// The way of a write, the same for every kind: decode and check → defaults → mutating admission → defaults again, metadata
/// and checks → validating admission → store, if nobody else wrote first. So a mutating webhook sees what was sent, and a
/// validating one what would be stored. What enters is a document and who sends it; what
/// leaves is the stored object or a <see cref="StatusException"/>. Nothing is stored half way, and a dry run goes the whole
/// way but the last step.
/// </summary>
internal sealed class ObjectWrites(
    ObjectStore store, AdmissionChain admission, ObjectPreparation preparation, KindRulesTable kinds, TimeProvider time)
{
    private const int Attempts = 64;

    public async Task<StoredObject> CreateAsync(WriteRequest write, JsonObject body, CancellationToken cancellation)
    {
        ObjectPreparation.Decode(write, body);
        preparation.NamespaceMustTake(write, body);
        var kind = kinds.For(write.Resource);
        ObjectPreparation.BeforeMutation(write, body);
        preparation.Default(write, body);
        // What the server adds from here on is nobody's: the writer owns what it sent and its defaults.
        preparation.TrackFields(write, null, body);
        kind.Admit(write, body);
        body = await MutatedAsync(new AdmissionCall(write, "CREATE", body, null), cancellation);
        kind.Admit(write, body);
        preparation.NewMetadata(write, body);
        kind.PrepareCreate(body);
        ObjectPreparation.NameIt(write, body, store);
        kind.Allocate(body, null);
        try
        {
            kind.Guard(write, body, null);
            preparation.Validate(write, body, null);
            Warn(write, kind, body);
            await admission.ValidateAsync(new AdmissionCall(write, "CREATE", body, null), cancellation);
            ObjectPreparation.ToStorageVersion(write, body);
            if (write.DryRun)
            {
                ObjectPreparation.MustNotExist(write, body, store);
                return StoredObject.Of(body, 0);
            }

            return store.TryWrite(write.Resource.StoreId, null, body)
                ?? throw ObjectPreparation.Exists(write, body.Text("metadata", "name") ?? "", store);
        }
        finally
        {
            kind.Release(body, store);
        }
    }

    /// <summary>
    /// Changes the object as it is now. When someone else wrote in between, the change is made again on the newer state, where
    /// one that names the revision it was made for is refused.
    /// </summary>
    public async Task<StoredObject> UpdateAsync(
        WriteRequest write, Func<StoredObject, JsonObject> change, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var stands = store.Find(write.Resource.StoreId, write.Namespace, write.Name)
                ?? throw StatusException.NotFound(write.Resource, write.Name);
            var before = write.Version.Read(stands);
            var body = Decoded(write, before, change);
            IdentityCheck.Change(write, body, before);
            var kind = kinds.For(write.Resource);
            var old = before.Edit();
            preparation.Default(write, body);
            preparation.TrackFields(write, old, body);
            ObjectPreparation.KeepMetadata(write, body, old);
            kind.PrepareUpdate(body, before, write.Subresource);
            body = await MutatedAsync(new AdmissionCall(write, "UPDATE", body, before), cancellation);
            kind.Guard(write, body, before);
            preparation.Generation(write, body, old);
            preparation.Validate(write, body, before);
            Warn(write, kind, body);
            await admission.ValidateAsync(new AdmissionCall(write, "UPDATE", body, before), cancellation);
            kind.Allocate(body, before);
            ObjectPreparation.ToStorageVersion(write, body);
            // What stands in another shape is written anew even where nothing else changed.
            if (Commit(write, stands, ReferenceEquals(stands, before) ? old : stands.Edit(), body) is { } stored)
                return stored;
        }

        throw StatusException.Modified(write.Resource, write.Name);
    }

    /// <summary>Server-side apply: makes the object or merges into it, as who owns which field allows.</summary>
    public async Task<(StoredObject Stored, bool Created)> ApplyAsync(
        WriteRequest write, JsonObject applied, bool force, CancellationToken cancellation)
    {
        ApplyCheck.Document(write, applied);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (store.Find(write.Resource.StoreId, write.Namespace, write.Name) is not null)
            {
                return (await UpdateAsync(
                    write, before => FieldTracking.Apply(write, before.Edit(), applied, force, time.GetUtcNow()), cancellation), false);
            }

            ApplyCheck.Create(write, applied);
            try
            {
                return (await CreateAsync(write, FieldTracking.Apply(write, null, applied, force, time.GetUtcNow()), cancellation), true);
            }
            catch (StatusException refusal) when (refusal.Code == 409 && !write.DryRun)
            {
                // Somebody made it in between: it is merged into now.
            }
        }

        throw StatusException.Modified(write.Resource, write.Name);
    }

    public async Task<DeleteOutcome> DeleteAsync(WriteRequest write, DeleteRequest options, CancellationToken cancellation)
    {
        var admitted = false;
        StoredObject? seen = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (store.Find(write.Resource.StoreId, write.Namespace, write.Name) is not { } before)
            {
                // What is seen with no grace left may be taken away by its node before we come to it.
                return seen is null ? throw StatusException.NotFound(write.Resource, write.Name) : new DeleteOutcome(seen, true);
            }

            Deletion.CheckPreconditions(write, options, before);
            if (!admitted)
            {
                kinds.For(write.Resource).GuardDeletion(write, before);
                var call = new AdmissionCall(write, "DELETE", null, before) { Delete = options };
                await admission.MutateAsync(call, cancellation);
                await admission.ValidateAsync(call, cancellation);
                admitted = true;
            }

            if (Deletion.Plan(write.Resource, kinds.For(write.Resource), options, before, time.GetUtcNow()) is { } terminating)
            {
                var stored = Commit(write with { DryRun = write.DryRun || options.DryRun }, before, before.Edit(), terminating);
                if (stored is not null)
                    return new DeleteOutcome(stored, false);
                continue;
            }

            if (write.DryRun || options.DryRun)
                return new DeleteOutcome(before, true);
            // A pod is seen with no grace left before it is seen gone.
            if (Deletion.LastState(write.Resource, before, time.GetUtcNow()) is { } hurried)
            {
                if (store.TryWrite(write.Resource.StoreId, before, hurried) is not { } now)
                    continue;
                before = seen = now;
            }

            if (Remove(write, before) is { } last)
                return new DeleteOutcome(last, true);
        }

        throw StatusException.Modified(write.Resource, write.Name);
    }

    /// <summary>What the webhooks made of it; where they changed nothing it is as it was.</summary>
    private async Task<JsonObject> MutatedAsync(AdmissionCall call, CancellationToken cancellation)
    {
        var after = await admission.MutateAsync(call, cancellation);
        if (!ReferenceEquals(after, call.Object))
            preparation.AfterMutation(call.Write, after, call.Old);
        return after;
    }

    /// <summary>The changed document, of the kind it must be; a patch that broke it is answered with what came out.</summary>
    private static JsonObject Decoded(WriteRequest write, StoredObject before, Func<StoredObject, JsonObject> change)
    {
        var body = change(before);
        try
        {
            ObjectPreparation.Decode(write, body);
            return body;
        }
        catch (DecodingException problem)
        {
            throw StatusException.Invalid("", "", "", [FieldProblem.Invalid("patch", FieldProblem.Quote(write.Patched!(before)), problem.Message)]);
        }
    }

    /// <summary>Stores the new state; an object that only waited for its last finalizer goes instead.</summary>
    private StoredObject? Commit(WriteRequest write, StoredObject before, JsonObject old, JsonObject after)
    {
        var unchanged = Sameness.Holds(old, after);
        var done = Deletion.IsDone(write.Resource, after);
        if (write.DryRun)
            return StoredObject.Of(after, before.Revision);
        if (!done)
        {
            var stored = unchanged ? before : store.TryWrite(write.Resource.StoreId, before, after);
            if (stored is not null)
                kinds.For(write.Resource).Replaced(before, stored);
            return stored;
        }

        // Watchers see it go as it last stood; only who asked sees what he made of it.
        return Remove(write, before) is null ? null : StoredObject.Of(after, before.Revision);
    }

    private static void Warn(WriteRequest write, KindRules kind, JsonObject body)
    {
        foreach (var text in kind.Warnings(body))
            write.Warn(text);
    }

    private StoredObject? Remove(WriteRequest write, StoredObject before)
    {
        var last = store.TryRemove(write.Resource.StoreId, before);
        if (last is not null)
            kinds.For(write.Resource).Removed(last);
        return last;
    }
}
