using Mesh.Local.ApiServer.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// A new namespace gets its default ServiceAccount and the certificate of this server's authority; one that is deleted loses its content first and goes when nothing is left.
/// Pods go last, so that what watches over them does not make new ones.
/// </summary>
internal sealed class NamespaceContent(ObjectStore store, CurrentCatalog catalog, ObjectWrites writes, string? authorityPem)
{
    private const string RootConfigMap = "kube-root-ca.crt";

    public async Task FollowAsync(string id, StoreEvent written, CancellationToken cancellation)
    {
        if (id == "namespaces")
        {
            if (written is { Before: null, After: { IsTerminating: false } made })
                await FurnishAsync(made.Name, cancellation);
            if (written.After is { IsTerminating: true } ending)
                await EmptyAsync(ending.Name, cancellation);
        }
        else if (written.After is null && store.Find("namespaces", "", written.Subject.Namespace) is { IsTerminating: true })
        {
            await EmptyAsync(written.Subject.Namespace, cancellation);
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
            var map = new JsonObject { ["metadata"] = new JsonObject { ["name"] = RootConfigMap }, ["data"] = data };
            await writes.CreateAsync(WriteRequest.Own(catalog.Now, resource, ns, ""), map, cancellation);
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

    private async Task EmptyAsync(string ns, CancellationToken cancellation)
    {
        var left = 0;
        foreach (var resource in catalog.Now.Resources.Where(IsContent).OrderBy(resource => resource.Kind == "Pod"))
        {
            foreach (var item in store.Collection(resource.StoreId).State.InNamespace(ns).ToList())
            {
                left++;
                if (!item.IsTerminating && await DeleteAsync(resource, item, cancellation))
                    left--;
            }
        }

        if (left == 0)
            await FinalizeAsync(ns, cancellation);
    }

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
