using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// A new namespace gets its default ServiceAccount and the certificate of this server's authority; one that is deleted loses its content first and goes when nothing is left.
/// Pods go last, so that what watches over them does not make new ones. What it still waits for stands in its conditions.
/// </summary>
internal sealed class NamespaceContent(
    ObjectStore store, CurrentCatalog catalog, ObjectWrites writes, string? authorityPem, TimeSpan delay, TimeProvider time, Action<StoreEvent, TimeSpan> again)
{
    private const string RootConfigMap = "kube-root-ca.crt";
    private const string Manager = "kube-controller-manager";

    private const string RootDescription =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    public async Task FollowAsync(string id, StoreEvent written, CancellationToken cancellation)
    {
        if (id == "namespaces")
        {
            if (written is { Before: null, After: { IsTerminating: false } made })
                await FurnishAsync(made.Name, cancellation);
            if (written.After is { IsTerminating: true } ending)
                await EmptyAsync(ending, written, cancellation);
        }
        else if (written.After is null && store.Find("namespaces", "", written.Subject.Namespace) is { IsTerminating: true } waiting)
        {
            await EmptyAsync(waiting, written, cancellation);
        }
        else if (((id == "serviceaccounts" && written is { After: null, Subject.Name: "default" })
                || (id == "configmaps" && written.Subject.Name == RootConfigMap))
            && store.Find("namespaces", "", written.Subject.Namespace) is { IsTerminating: false })
        {
            await FurnishAsync(written.Subject.Namespace, cancellation);
        }
    }

    public async Task FurnishAsync(string ns, CancellationToken cancellation)
    {
        if (store.Find("serviceaccounts", ns, "default") is null)
        {
            var account = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } };
            await writes.CreateAsync(
                WriteRequest.Own(catalog.Now, catalog.Now.Find("", "serviceaccounts")!, ns, ""), account, cancellation);
        }

        await FurnishAuthorityAsync(ns, cancellation);
    }

    private async Task FurnishAuthorityAsync(string ns, CancellationToken cancellation)
    {
        var resource = catalog.Now.Find("", "configmaps")!;
        var found = store.Find("configmaps", ns, RootConfigMap);
        if (authorityPem is null || found?.Json.Text("data", "ca.crt") == authorityPem)
            return;
        var data = new JsonObject { ["ca.crt"] = authorityPem };
        if (found is null)
        {
            var map = new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = RootConfigMap, ["annotations"] = new JsonObject { ["kubernetes.io/description"] = RootDescription } },
                ["data"] = data,
            };
            await writes.CreateAsync(WriteRequest.Own(catalog.Now, resource, ns, "") with { FieldManager = Manager }, map, cancellation);
            return;
        }

        await writes.UpdateAsync(
            WriteRequest.Own(catalog.Now, resource, ns, RootConfigMap),
            before =>
            {
                var after = before.Edit();
                after["data"] = data.DeepClone();
                return after;
            },
            cancellation);
    }

    private async Task EmptyAsync(StoredObject ns, StoreEvent written, CancellationToken cancellation)
    {
        var due = DateTimeOffset.Parse(ns.Json.Text("metadata", "deletionTimestamp")!, CultureInfo.InvariantCulture) + delay - time.GetUtcNow();
        if (delay > TimeSpan.Zero && due > TimeSpan.Zero)
        {
            again(written, due);
            return;
        }

        var left = new List<(ApiResource Resource, StoredObject Item)>();
        foreach (var resource in catalog.Now.Resources.Where(IsContent).OrderBy(resource => resource.Kind == "Pod"))
        {
            foreach (var item in store.Collection(resource.StoreId).State.InNamespace(ns.Name).ToList())
            {
                if (item.IsTerminating || !await DeleteAsync(resource, item, cancellation))
                    left.Add((resource, item));
            }
        }

        await TellAsync(ns, left, cancellation);
        if (left.Count == 0)
            await FinalizeAsync(ns.Name, cancellation);
    }

    /// <summary>What the namespace still waits for, in its conditions.</summary>
    private async Task TellAsync(StoredObject ns, List<(ApiResource Resource, StoredObject Item)> left, CancellationToken cancellation) => await writes.UpdateAsync(
        WriteRequest.Own(catalog.Now, catalog.Now.Find("", "namespaces")!, "", ns.Name) with { Subresource = "status", FieldManager = Manager },
        before =>
        {
            var after = before.Edit();
            var status = after.Section("status");
            status["conditions"] = NamespaceConditions.Of(status["conditions"] as JsonArray ?? [], left, Timestamps.Seconds(time.GetUtcNow()));
            return after;
        },
        cancellation);

    private async Task<bool> DeleteAsync(ApiResource resource, StoredObject item, CancellationToken cancellation)
    {
        try
        {
            var write = WriteRequest.Own(catalog.Now, resource, item.Namespace, item.Name);
            return (await writes.DeleteAsync(write, new DeleteRequest { Propagation = "Background" }, cancellation)).Gone;
        }
        catch (StatusException refusal) when (refusal.Code == 404)
        {
            return true;
        }
    }

    private async Task FinalizeAsync(string ns, CancellationToken cancellation)
    {
        var write = WriteRequest.Own(catalog.Now, catalog.Now.Find("", "namespaces")!, "", ns) with { Subresource = "finalize" };
        await writes.UpdateAsync(
            write,
            before =>
            {
                var after = before.Edit();
                after["spec"] = new JsonObject();
                return after;
            },
            cancellation);
    }

    private static bool IsContent(ApiResource resource) => resource is { Namespaced: true, IsStored: true, StoredAs: null };
}
