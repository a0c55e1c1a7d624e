using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Tables;

namespace Mesh.Local.ApiServer.Http;

/// <summary>GET of an object and of a collection, in the representation asked for.</summary>
internal sealed class ReadHandler(ObjectStore store, FutureRevisions future, TimeProvider time)
{
    private readonly ListPages pages = new(store, future);

    public async Task GetAsync(ApiRequest request)
    {
        if (ListOptions.OfGet(request) is { } asked)
            await future.AwaitAsync(asked, request.Cancellation);
        var found = Find(request);
        await WriteObjectAsync(request, 200, found);
    }

    public StoredObject Find(ApiRequest request) => request.Version.Read(
        store.Find(request.Resource.StoreId, request.Namespace, request.Name)
        ?? throw StatusException.NotFound(request.Resource, request.Name));

    /// <summary>An answer that is one object, as its representation.</summary>
    public async Task WriteObjectAsync(ApiRequest request, int status, StoredObject item)
    {
        var format = ResponseFormat.OfObject(request);
        if (format.IsPlain)
        {
            await new ObjectText(request.Resource, request.ApiVersion).SendAsync(request.Context, status, item);
            return;
        }

        var table = format.Kind == RepresentationKind.Table ? TableWriter.For(request, format, time.GetUtcNow()) : null;
        await Answers.WriteAsync(request.Context, status, format, writer =>
        {
            switch (format.Kind)
            {
                case RepresentationKind.Table:
                    table!.Write(writer, [item], w => Answers.WriteListMetadata(w, new ListPage([], item.Revision)));
                    break;
                case RepresentationKind.Metadata:
                    Answers.WriteMetadata(writer, item.Json, format.MetaVersion);
                    break;
                default:
                    Answers.WriteObject(writer, item.Json, request.Resource, request.ApiVersion);
                    break;
            }
        });
    }

    public async Task ListAsync(ApiRequest request)
    {
        var page = await pages.FindAsync(request, ListQuery.Of(request));
        await WriteListAsync(request, request.Version.Shape is null ? page : page with { Items = [.. page.Items.Select(request.Version.Read)] });
    }

    public async Task WriteListAsync(ApiRequest request, ListPage page)
    {
        var format = ResponseFormat.OfList(request);
        if (format.IsPlain)
        {
            await new ObjectText(request.Resource, request.ApiVersion).SendListAsync(request.Context, page);
            return;
        }

        var table = format.Kind == RepresentationKind.Table ? TableWriter.For(request, format, time.GetUtcNow()) : null;
        await Answers.WriteAsync(request.Context, 200, format, writer =>
        {
            if (table is not null)
            {
                table.Write(writer, page.Items, w => Answers.WriteListMetadata(w, page));
                return;
            }

            var metadataOnly = format.MetadataOnly;
            writer.WriteStartObject();
            writer.WriteString("kind", metadataOnly ? "PartialObjectMetadataList" : request.Resource.ListKind);
            writer.WriteString("apiVersion", metadataOnly ? "meta.k8s.io/" + format.MetaVersion : request.ApiVersion);
            Answers.WriteListMetadata(writer, page, request.Resource.IsCustom && !metadataOnly);
            writer.WriteStartArray("items");
            foreach (var item in page.Items)
            {
                // Items of built-in lists carry no type, those of custom ones do.
                if (metadataOnly)
                    Answers.WriteMetadata(writer, item.Json, format.MetaVersion);
                else
                    Answers.WriteObject(writer, item.Json, request.Resource, request.ApiVersion, !request.Resource.IsCustom);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }
}
