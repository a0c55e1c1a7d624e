using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// Owner references kept: when an owner is gone, what only it owned goes; foreground deletion waits for dependents that block
/// it; orphaning takes the reference off them. An index by the owner's uid says who depends on whom.
/// </summary>
internal sealed class GarbageCollection(ObjectStore store, CurrentCatalog catalog, ObjectWrites writes)
{
    private readonly Dictionary<string, HashSet<(string Id, string Namespace, string Name)>> dependents = [];

    /// <summary>Owners that wait for their dependents, by uid.</summary>
    private readonly Dictionary<string, (string Id, string Namespace, string Name)> waiting = [];

    public async Task FollowAsync(string id, StoreEvent written, CancellationToken cancellation)
    {
        Index(id, written);
        if (written.After is null)
        {
            foreach (var dependent in Of(written.Subject.Uid))
                await AbandonedAsync(dependent, cancellation);
            foreach (var owner in Owners(written.Subject))
                await CheckForegroundAsync(owner, cancellation);
        }
        else if (written.After.IsTerminating)
        {
            if (Has(written.After, Deletion.Orphan))
                await OrphanAsync(id, written.After, cancellation);
            else if (Has(written.After, Deletion.Foreground))
                await ForegroundAsync(id, written.After, cancellation);
        }
        else if (written.Before is null && Owners(written.After).Count > 0)
        {
            await AbandonedAsync((id, written.After.Namespace, written.After.Name), cancellation);
        }
    }

    private void Index(string id, StoreEvent written)
    {
        if (written.Before is { } old)
        {
            foreach (var owner in Owners(old))
            {
                if (dependents.TryGetValue(owner, out var set) && set.Remove((id, old.Namespace, old.Name)) && set.Count == 0)
                    dependents.Remove(owner);
            }
        }

        if (written.After is not { } now)
        {
            waiting.Remove(written.Subject.Uid);
            return;
        }

        if (now.IsTerminating && Has(now, Deletion.Foreground))
            waiting[now.Uid] = (id, now.Namespace, now.Name);
        else
            waiting.Remove(now.Uid);
        foreach (var owner in Owners(now))
        {
            if (!dependents.TryGetValue(owner, out var set))
                dependents[owner] = set = [];
            set.Add((id, now.Namespace, now.Name));
        }
    }

    /// <summary>Goes when no owner it names exists any more; of several, the references to gone ones are dropped.</summary>
    private async Task AbandonedAsync((string Id, string Namespace, string Name) dependent, CancellationToken cancellation)
    {
        if (ResourceOf(dependent.Id) is not { } resource || store.Find(dependent.Id, dependent.Namespace, dependent.Name) is not { } item)
            return;
        var references = item.Json.Items("metadata", "ownerReferences").ToList();
        if (references.Count == 0 || references.Any(reference => Exists(reference, item.Namespace)))
            return;
        if (item.IsTerminating)
            return;
        await writes.DeleteAsync(
            WriteRequest.Own(catalog.Now, resource, item.Namespace, item.Name),
            new DeleteRequest { Propagation = "Background", Uid = item.Uid },
            cancellation);
    }

    private bool Exists(System.Text.Json.JsonElement reference, string ns)
    {
        var apiVersion = reference.Text("apiVersion") ?? "";
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        // A kind that is not served cannot be said to be gone.
        if (catalog.Now.FindKind(group, reference.Text("kind") ?? "") is not { } resource)
            return true;
        var found = store.Find(resource.StoreId, resource.Namespaced ? ns : "", reference.Text("name") ?? "");
        return found is not null && found.Uid == reference.Text("uid");
    }

    private async Task ForegroundAsync(string id, StoredObject owner, CancellationToken cancellation)
    {
        var blocking = 0;
        foreach (var dependent in Of(owner.Uid))
        {
            if (ResourceOf(dependent.Id) is not { } resource || store.Find(dependent.Id, dependent.Namespace, dependent.Name) is not { } item)
                continue;
            var reference = item.Json.Items("metadata", "ownerReferences").First(one => one.Text("uid") == owner.Uid);
            var blocks = reference.Flag("blockOwnerDeletion");
            if (blocks)
                blocking++;
            if (item.IsTerminating)
                continue;
            var outcome = await writes.DeleteAsync(
                WriteRequest.Own(catalog.Now, resource, item.Namespace, item.Name),
                new DeleteRequest { Propagation = blocks && Of(item.Uid).Count > 0 ? "Foreground" : "Background", Uid = item.Uid },
                cancellation);
            if (blocks && outcome.Gone)
                blocking--;
        }

        if (blocking == 0)
            await RemoveFinalizerAsync(id, owner, Deletion.Foreground, cancellation);
    }

    private async Task OrphanAsync(string id, StoredObject owner, CancellationToken cancellation)
    {
        foreach (var dependent in Of(owner.Uid))
        {
            if (ResourceOf(dependent.Id) is { } resource && store.Find(dependent.Id, dependent.Namespace, dependent.Name) is { } item)
                await ChangeAsync(resource, item, after => DropReference(after, owner.Uid), cancellation);
        }

        await RemoveFinalizerAsync(id, owner, Deletion.Orphan, cancellation);
    }

    /// <summary>A dependent went: its owner may have waited for that.</summary>
    private async Task CheckForegroundAsync(string ownerUid, CancellationToken cancellation)
    {
        if (waiting.TryGetValue(ownerUid, out var place) && store.Find(place.Id, place.Namespace, place.Name) is { } owner && owner.Uid == ownerUid)
            await ForegroundAsync(place.Id, owner, cancellation);
    }

    private async Task RemoveFinalizerAsync(string id, StoredObject item, string finalizer, CancellationToken cancellation)
    {
        if (ResourceOf(id) is not { } resource)
            return;
        await ChangeAsync(resource, item, after =>
        {
            var rest = after.List("metadata", "finalizers")!.Where(one => one!.GetValue<string>() != finalizer).Select(one => one!.DeepClone()).ToArray();
            if (rest.Length == 0)
                after.Section("metadata").Remove("finalizers");
            else
                after.Section("metadata")["finalizers"] = new JsonArray(rest);
        }, cancellation);
    }

    private async Task ChangeAsync(ApiResource resource, StoredObject item, Action<JsonObject> change, CancellationToken cancellation) =>
        await writes.UpdateAsync(
            WriteRequest.Own(catalog.Now, resource, item.Namespace, item.Name),
            before =>
            {
                var after = before.Edit();
                change(after);
                return after;
            },
            cancellation);

    private static void DropReference(JsonObject item, string uid)
    {
        var rest = item.List("metadata", "ownerReferences")?.Where(one => one.Text("uid") != uid).Select(one => one!.DeepClone()).ToArray() ?? [];
        if (rest.Length == 0)
            item.Section("metadata").Remove("ownerReferences");
        else
            item.Section("metadata")["ownerReferences"] = new JsonArray(rest);
    }

    private List<(string Id, string Namespace, string Name)> Of(string uid) =>
        dependents.TryGetValue(uid, out var set) ? [.. set] : [];

    private static List<string> Owners(StoredObject item) =>
        [.. item.Json.Items("metadata", "ownerReferences").Select(reference => reference.Text("uid") ?? "")];

    private static bool Has(StoredObject item, string finalizer) =>
        item.Json.Items("metadata", "finalizers").Any(one => one.GetString() == finalizer);

    private ApiResource? ResourceOf(string id) =>
        catalog.Now.Resources.FirstOrDefault(resource => resource.StoreId == id && resource.StoredAs is null);
}
