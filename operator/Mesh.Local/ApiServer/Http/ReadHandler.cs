using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Tables;

namespace Mesh.Local.ApiServer.Http;

/// <summary>GET of an object and of a collection, in the representation asked for.</summary>
internal sealed class ReadHandler(ObjectStore store, TimeProvider time)
{
    public async Task GetAsync(ApiRequest request)
    {
        ListQuery.Revision(request, 500);
        var found = Find(request);
        await WriteObjectAsync(request, 200, found);
    }

    public StoredObject Find(ApiRequest request) =>
        store.Find(request.Resource.StoreId, request.Namespace, request.Name)
        ?? throw StatusException.NotFound(request.Resource, request.Name);

    /// <summary>An answer that is one object, as its representation.</summary>
    public async Task WriteObjectAsync(ApiRequest request, int status, StoredObject item)
    {
        var format = Format(request);
        if (format.IsPlain)
        {
            await new ObjectText(request.Resource, request.ApiVersion).SendAsync(request.Context, status, item);
            return;
        }

        var table = format.Kind == RepresentationKind.Table ? NewTable(request, format) : null;
        await Answers.WriteAsync(request.Context, status, format, writer =>
        {
            switch (format.Kind)
            {
                case RepresentationKind.Table:
                    table!.Write(writer, [item], w => Answers.WriteListMetadata(w, item.Revision, null, null));
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
        var query = ListQuery.Of(request);
        var page = Page(request, query);
        await WriteListAsync(request, page.Items, page.Revision, page.Next, page.Remaining);
    }

    public async Task WriteListAsync(
        ApiRequest request, IReadOnlyList<StoredObject> items, long revision, string? next = null, long? remaining = null)
    {
        var format = Format(request);
        if (format.IsPlain)
        {
            await new ObjectText(request.Resource, request.ApiVersion).SendListAsync(request.Context, items, revision, next, remaining);
            return;
        }

        var table = format.Kind == RepresentationKind.Table ? NewTable(request, format) : null;
        await Answers.WriteAsync(request.Context, 200, format, writer =>
        {
            if (table is not null)
            {
                table.Write(writer, items, w => Answers.WriteListMetadata(w, revision, next, remaining));
                return;
            }

            var metadataOnly = format.Kind == RepresentationKind.Metadata;
            writer.WriteStartObject();
            writer.WriteString("kind", metadataOnly ? "PartialObjectMetadataList" : request.Resource.ListKind);
            writer.WriteString("apiVersion", metadataOnly ? "meta.k8s.io/" + format.MetaVersion : request.ApiVersion);
            Answers.WriteListMetadata(writer, revision, next, remaining);
            writer.WriteStartArray("items");
            foreach (var item in items)
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

    private TableWriter NewTable(ApiRequest request, ResponseFormat format) =>
        new(request.Resource, request.Version, format.MetaVersion, request.Query("includeObject"), time.GetUtcNow());

    private static ResponseFormat Format(ApiRequest request) => ResponseFormat.Choose(request.Context.Request, watch: false)
        ?? throw NotAcceptable(request);

    public static StatusException NotAcceptable(ApiRequest request) => new(406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml" +
        (request.Resource.IsCustom ? "" : ", application/vnd.kubernetes.protobuf"));

    private (List<StoredObject> Items, long Revision, string? Next, long? Remaining) Page(ApiRequest request, ListQuery query)
    {
        var limit = request.QueryNumber("limit") ?? 0;
        var asked = ListQuery.Revision(request, 400);
        var match = Match(request, asked);
        var (state, revision) = store.Snapshot(request.Resource.StoreId);
        var start = "";
        if (request.Query("continue") is { Length: > 0 } token)
        {
            if (asked is > 0)
                throw StatusException.BadRequest("specifying resource version is not allowed when using continue");
            (revision, start) = ListQuery.ReadContinue(token);
            state = At(request, revision) ?? throw StatusException.Expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
        }
        else if (asked > revision)
        {
            throw new StatusException(504, "Timeout", $"Too large resource version: {asked}, current: {revision}",
                new System.Text.Json.Nodes.JsonObject
                {
                    ["causes"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
                    {
                        ["reason"] = "ResourceVersionTooLarge",
                        ["message"] = "Too large resource version",
                    }),
                    ["retryAfterSeconds"] = 1,
                }, retryAfter: 1);
        }
        else if (match == "Exact")
        {
            revision = asked!.Value;
            state = At(request, revision) ?? throw StatusException.Expired($"The resourceVersion for the provided list is too old.");
        }

        if (asked == 0 && match.Length == 0)
            limit = 0;
        return Cut([.. query.From(state).Where(item => start.Length == 0 || string.CompareOrdinal(item.Key, start) >= 0)], limit, revision, query);
    }

    private static string Match(ApiRequest request, long? asked)
    {
        var match = request.Query("resourceVersionMatch") ?? "";
        if (match.Length > 0 && match is not ("Exact" or "NotOlderThan"))
        {
            throw StatusException.BadRequest(
                $"resourceVersionMatch: Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\"");
        }

        if (match.Length > 0 && asked is null)
            throw StatusException.BadRequest("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (match == "Exact" && asked == 0)
            throw StatusException.BadRequest("resourceVersionMatch: Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
        return match;
    }

    private ObjectState? At(ApiRequest request, long revision) =>
        store.Collection(request.Resource.StoreId).StateAt(revision);

    private static (List<StoredObject>, long, string?, long?) Cut(List<StoredObject> found, long limit, long revision, ListQuery query)
    {
        if (limit <= 0 || found.Count <= limit)
            return (found, revision, null, null);
        var page = found.GetRange(0, (int)limit);
        return (page, revision, ListQuery.WriteContinue(revision, page[^1].Key), query.HasSelector ? null : found.Count - limit);
    }
}
