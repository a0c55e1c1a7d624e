using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Patching;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Http;

/// <summary>POST, PUT, PATCH and DELETE of stored objects: reads the request, hands it to the way of a write, answers.</summary>
internal sealed class WriteHandler(ObjectStore store, ObjectWrites writes, ReadHandler reads)
{
    public async Task CreateAsync(ApiRequest request)
    {
        var write = WriteRequest.Of(request);
        var document = await RequestBody.ReadDocumentAsync(request);
        var stored = await writes.CreateAsync(write.From(document), document.Body, request.Cancellation);
        await reads.WriteObjectAsync(request, 201, stored);
    }

    public async Task ReplaceAsync(ApiRequest request)
    {
        var write = WriteRequest.Of(request);
        var document = await RequestBody.ReadDocumentAsync(request);
        var stored = await writes.UpdateAsync(
            write.From(document), _ => (JsonObject)document.Body.DeepClone(), request.Cancellation);
        await reads.WriteObjectAsync(request, 200, stored);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        var write = WriteRequest.Of(request);
        var patch = ObjectPatch.Read(request, await RequestBody.ReadAsync(request));
        write = write with { Repeated = patch.Repeated };
        if (patch.IsApply)
        {
            var (applied, created) = await writes.ApplyAsync(write with { IsApply = true }, patch.Document, request.QueryFlag("force"), request.Cancellation);
            await reads.WriteObjectAsync(request, created ? 201 : 200, applied);
            return;
        }

        write = write with { Patched = before => patch.Describe(Shown(request, before)) };
        var stored = await writes.UpdateAsync(write, before => patch.Apply(Shown(request, before)), request.Cancellation);
        await reads.WriteObjectAsync(request, 200, stored);
    }

    public async Task DeleteAsync(ApiRequest request)
    {
        var outcome = await writes.DeleteAsync(WriteRequest.Of(request), await OptionsAsync(request), request.Cancellation);
        if (!outcome.Gone || request.Resource is { Group: "", Kind: "Pod" or "Service" or "Namespace" }
            || request.Resource.Kind == "CustomResourceDefinition")
        {
            await reads.WriteObjectAsync(request, 200, outcome.Object);
            return;
        }

        var details = StatusException.Details(request.Resource, request.Name);
        details["uid"] = outcome.Object.Uid;
        await Answers.WriteAsync(request.Context, 200, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    public async Task DeleteCollectionAsync(ApiRequest request)
    {
        var options = await OptionsAsync(request);
        var (state, revision) = store.Snapshot(request.Resource.StoreId);
        var found = ListQuery.Of(request).From(state).ToList();
        var deleted = new List<StoredObject>();
        foreach (var item in found)
        {
            var write = WriteRequest.Of(request) with { Namespace = item.Namespace, Name = item.Name, OfCollection = true };
            try
            {
                await writes.DeleteAsync(write, options, request.Cancellation);
                deleted.Add(item);
            }
            catch (StatusException gone) when (gone.Code == 404)
            {
                // Somebody else was quicker; it is gone, which is what was asked for.
            }
        }

        await reads.WriteListAsync(request, new ListPage(deleted, revision));
    }


    /// <summary>The object as the version of this request shows it, which is what patches are made for.</summary>
    private static JsonObject Shown(ApiRequest request, StoredObject stored)
    {
        var item = stored.Edit();
        if (EventConversion.Applies(request.Resource))
            EventConversion.ToEventsGroup(item);
        item["apiVersion"] = request.ApiVersion;
        return item;
    }

    private static async Task<DeleteRequest> OptionsAsync(ApiRequest request) =>
        DeleteRequest.Of(request, await RequestBody.ReadOptionalAsync(request));
}
