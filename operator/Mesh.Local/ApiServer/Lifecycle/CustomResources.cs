using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// Makes kinds of CustomResourceDefinitions: first its names are accepted, then the kind is served (Established), and with the
/// definition the kind and its objects go again.
/// </summary>
internal sealed class CustomResources(ObjectStore store, CurrentCatalog catalog, ObjectWrites writes, TimeProvider time)
{
    public const string StoreId = "customresourcedefinitions.apiextensions.k8s.io";
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";
    private readonly Dictionary<(string Uid, long Generation), (ApiResource Resource, CancellationTokenSource Redefined)> known = [];
    private string? establishing;

    /// <summary>
    /// Right after a definition was written, and before its writer has the answer: what he does next finds the kind as he
    /// defined it.
    /// </summary>
    public void Refresh(StoredObject definition)
    {
        if (DefinitionStatus.Holds(definition, "Established"))
            Serve();
    }

    public async Task FollowAsync(StoreEvent written, CancellationToken cancellation)
    {
        if (written.After is not { } definition)
        {
            store.Close(written.Subject.Name);
            await NameAsync(written.Subject, cancellation);
            return;
        }

        if (definition.IsTerminating)
            await EndAsync(definition, cancellation);
        else if (NamesChanged(definition, written.Before))
            await SetAsync(definition, cancellation);
        else if (DefinitionStatus.Reason(definition, "Established") == "Installing")
            await EstablishAsync(definition, cancellation);
    }

    /// <summary>What is defined already, when the server begins with objects of before.</summary>
    public void Serve()
    {
        lock (known)
            catalog.Now = Served();
    }

    /// <summary>An object of a kind that is going went: perhaps it was the last.</summary>
    public async Task FinishTerminatingAsync(string id, CancellationToken cancellation)
    {
        if (store.Find(StoreId, "", id) is { IsTerminating: true } definition)
            await EndAsync(definition, cancellation);
    }

    private IEnumerable<StoredObject> All => store.Collection(StoreId).State.Values;

    private static bool NamesChanged(StoredObject definition, StoredObject? before) =>
        before is null || definition.Json.At("spec", "names")?.GetRawText() != before.Json.At("spec", "names")?.GetRawText()
        || DefinitionStatus.Reason(definition, "NamesAccepted") is null;

    /// <summary>The catalogue with what is established; a definition that did not change is not read again.</summary>
    private ResourceCatalog Served()
    {
        var definitions = All.ToList();
        var kinds = definitions.Where(definition => definition.Name == establishing || DefinitionStatus.Holds(definition, "Established")).Select(Known).ToList();
        var served = catalog.Now.WithCustom(kinds);
        foreach (var old in known.Keys.Except(definitions.Select(KeyOf)).ToList())
        {
            known.Remove(old, out var replaced);
            // Of a kind that goes, watches are to see its objects go. Not within this call: who watches anew finds the kind as it is now.
            if (definitions.Any(one => one.Uid == old.Uid && !one.IsTerminating))
                _ = replaced.Redefined.CancelAsync();
        }

        return served;
    }

    private ApiResource Known(StoredObject definition)
    {
        if (!known.TryGetValue(KeyOf(definition), out var one))
        {
            var redefined = new CancellationTokenSource();
            known[KeyOf(definition)] = one = (DefinedKind.Of(definition.Json, redefined.Token), redefined);
        }

        return one.Resource;
    }

    private static (string Uid, long Generation) KeyOf(StoredObject definition) => (definition.Uid, definition.Json.Integer("metadata", "generation") ?? 0);

    /// <summary>A definition of the group went, and with it its names: others may have them now.</summary>
    private async Task NameAsync(StoredObject gone, CancellationToken cancellation)
    {
        foreach (var other in All.Where(one => one.Json.Text("spec", "group") == gone.Json.Text("spec", "group") && !DefinitionStatus.Holds(one, "NamesAccepted")).ToList())
            await SetAsync(other, cancellation);
    }

    private async Task SetAsync(StoredObject definition, CancellationToken cancellation)
    {
        var (names, accepted) = DefinitionStatus.Names(definition, All);
        await UpdateAsync(definition, "status", after =>
        {
            var status = after.Section("status");
            status["acceptedNames"] = names.DeepClone();
            DefinitionStatus.Set(status, accepted, time.GetUtcNow());
            if (DefinitionStatus.Holds(definition, "Established"))
                return;
            DefinitionStatus.Set(
                status,
                accepted.Holds
                    ? new DefinitionCondition("Established", false, "Installing", "the initial names have been accepted")
                    : new DefinitionCondition("Established", false, "NotAccepted", "not all names are accepted"),
                time.GetUtcNow());
        }, cancellation);
    }

    /// <summary>Whoever sees that the kind is established finds it served, so it is served a moment before.</summary>
    private async Task EstablishAsync(StoredObject definition, CancellationToken cancellation)
    {
        lock (known)
            establishing = definition.Name;
        Serve();
        await UpdateAsync(definition, "status", after => DefinitionStatus.Set(
            after.Section("status"), new DefinitionCondition("Established", true, "InitialNamesAccepted", "the initial names have been accepted"), time.GetUtcNow()), cancellation);
        lock (known)
            establishing = null;
    }

    private async Task EndAsync(StoredObject definition, CancellationToken cancellation)
    {
        if (DefinitionStatus.Reason(definition, "Terminating") == "InstanceDeletionPending")
        {
            await UpdateAsync(definition, "status", after => DefinitionStatus.Set(
                after.Section("status"), new DefinitionCondition("Terminating", true, "InstanceDeletionInProgress", "CustomResource deletion is in progress"), time.GetUtcNow()), cancellation);
            return;
        }

        if (await EmptyAsync(definition, cancellation) > 0)
            return;
        await UpdateAsync(definition, "", after =>
        {
            var rest = after.List("metadata", "finalizers")?.Where(one => one!.GetValue<string>() != Cleanup).Select(one => one!.DeepClone()).ToArray() ?? [];
            if (rest.Length == 0)
                after.Section("metadata").Remove("finalizers");
            else
                after.Section("metadata")["finalizers"] = new JsonArray(rest);
        }, cancellation);
    }

    /// <summary>Deletes the objects of the kind; answers how many are not gone yet.</summary>
    private async Task<int> EmptyAsync(StoredObject definition, CancellationToken cancellation)
    {
        var left = 0;
        if (catalog.Now.Find(definition.Json.Text("spec", "group")!, definition.Json.Text("spec", "names", "plural")!) is not { } resource)
            return left;
        foreach (var item in store.Collection(resource.StoreId).State.Values.ToList())
        {
            if (item.IsTerminating)
            {
                left++;
                continue;
            }

            var outcome = await writes.DeleteAsync(
                WriteRequest.Own(catalog.Now, resource, item.Namespace, item.Name), new DeleteRequest { Propagation = "Background" }, cancellation);
            left += outcome.Gone ? 0 : 1;
        }

        return left;
    }

    private async Task UpdateAsync(StoredObject definition, string subresource, Action<JsonObject> change, CancellationToken cancellation)
    {
        var resource = catalog.Now.Find("apiextensions.k8s.io", "customresourcedefinitions")!;
        await writes.UpdateAsync(
            WriteRequest.Own(catalog.Now, resource, "", definition.Name) with { Subresource = subresource },
            before =>
            {
                var after = before.Edit();
                change(after);
                return after;
            },
            cancellation);
    }
}
