using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;
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
    private const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    public async Task FollowAsync(StoreEvent written, CancellationToken cancellation)
    {
        if (written.After is not { } definition)
        {
            Serve();
            store.Close(written.Subject.Name);
            return;
        }

        if (definition.IsTerminating)
        {
            await EmptyAsync(definition, cancellation);
            return;
        }

        if (!Has(definition, "NamesAccepted"))
        {
            await SetAsync(definition, established: false, cancellation);
        }
        else if (!Has(definition, "Established"))
        {
            Serve();
            await SetAsync(definition, established: true, cancellation);
        }
        else if (Has(written.Before, "Established"))
        {
            Serve();
        }
    }

    /// <summary>An object of a kind that is going went: perhaps it was the last.</summary>
    public async Task FinishTerminatingAsync(string id, CancellationToken cancellation)
    {
        if (store.Find(StoreId, "", id) is { IsTerminating: true } definition)
            await EmptyAsync(definition, cancellation);
    }

    /// <summary>Serves the kinds whose names are accepted.</summary>
    public void Serve() => catalog.Now = catalog.Now.WithCustom(store.Collection(StoreId).State.Values
        .Where(definition => definition.Json.Items("status", "conditions").Any(IsAcceptedNames))
        .Select(definition => ResourceOf(definition.Json)));

    private async Task EmptyAsync(StoredObject definition, CancellationToken cancellation)
    {
        var left = 0;
        if (catalog.Now.Find(definition.Json.Text("spec", "group")!, definition.Json.Text("spec", "names", "plural")!) is { } resource)
        {
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
        }

        if (left > 0)
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

    private async Task SetAsync(StoredObject definition, bool established, CancellationToken cancellation) =>
        await UpdateAsync(definition, "status", after =>
        {
            var status = after.Section("status");
            var now = Timestamps.Seconds(time.GetUtcNow());
            status["acceptedNames"] = after.At("spec", "names")!.DeepClone();
            status["conditions"] = new JsonArray(
                Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now),
                established
                    ? Condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now)
                    : Condition("Established", "False", "Installing", "the initial names have been accepted", now));
        }, cancellation);

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

    private static JsonObject Condition(string type, string status, string reason, string message, string now) => new()
    {
        ["lastTransitionTime"] = now,
        ["message"] = message,
        ["reason"] = reason,
        ["status"] = status,
        ["type"] = type,
    };

    private static bool Has(StoredObject? definition, string condition) => definition is not null
        && definition.Json.Items("status", "conditions").Any(one => one.Text("type") == condition && one.Text("status") == "True");

    private static bool IsAcceptedNames(JsonElement condition) =>
        condition.Text("type") == "NamesAccepted" && condition.Text("status") == "True";

    private static ApiResource ResourceOf(JsonElement definition)
    {
        var names = definition.At("spec", "names")!.Value;
        return new ApiResource
        {
            Group = definition.Text("spec", "group")!,
            Kind = names.Text("kind")!,
            ListKind = names.Text("listKind") ?? names.Text("kind") + "List",
            Plural = names.Text("plural")!,
            Singular = names.Text("singular") ?? names.Text("kind")!.ToLowerInvariant(),
            ShortNames = [.. names.Items("shortNames").Select(name => name.GetString()!)],
            Categories = [.. names.Items("categories").Select(name => name.GetString()!)],
            Namespaced = definition.Text("spec", "scope") == "Namespaced",
            IsCustom = true,
            Versions = [.. definition.Items("spec", "versions").Select(VersionOf)],
        };
    }

    private static ServedVersion VersionOf(JsonElement version) => new()
    {
        Name = version.Text("name")!,
        Served = version.Flag("served"),
        Storage = version.Flag("storage"),
        HasStatus = version.At("subresources", "status") is not null,
        Scale = version.At("subresources", "scale") is { } scale
            ? new ScalePaths(Trim(scale.Text("specReplicasPath")), Trim(scale.Text("statusReplicasPath")), scale.Text("labelSelectorPath") is { } selector ? Trim(selector) : null)
            : null,
        Schema = version.At("schema", "openAPIV3Schema") is { } schema ? StructuralSchemaReader.Root(schema) : null,
        Columns = version.At("additionalPrinterColumns"),
        SelectableFields = [.. version.Items("selectableFields").Select(field => Trim(field.Text("jsonPath")))],
        DeprecationWarning = version.Flag("deprecated") ? version.Text("deprecationWarning") ?? "" : null,
    };

    private static string Trim(string? path) => path?.TrimStart('.') ?? "";
}
