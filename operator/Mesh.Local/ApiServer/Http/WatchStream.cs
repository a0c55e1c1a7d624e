using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Tables;

namespace Mesh.Local.ApiServer.Http;

/// <summary>The lines of one watch: which event a write is for this watcher's selector, in its representation.</summary>
internal sealed class WatchStream(ApiRequest request, ResponseFormat format, ListQuery query, TimeProvider time)
{
    private const int FlushAt = 64 * 1024;
    private readonly PipeWriter body = request.Context.Response.BodyWriter;
    private readonly ObjectText? plain = format.IsPlain ? new ObjectText(request.Resource, request.ApiVersion) : null;
    private bool columnsSent;

    /// <summary>Leaving a selector is a deletion showing the last state that matched, with the revision of the write.</summary>
    public async ValueTask WriteAsync(StoreEvent written, CancellationToken cancellation)
    {
        var before = written.Before is { } old && query.Selects(old);
        var after = written.After is { } now && query.Selects(now);
        if (after)
            await WriteAsync(before ? "MODIFIED" : "ADDED", written.After!, cancellation);
        else if (before)
            await WriteAsync("DELETED", LastSeen(written), cancellation);
    }

    public async ValueTask WriteAsync(string type, StoredObject item, CancellationToken cancellation)
    {
        item = request.Version.Read(item);
        if (plain is not null)
            PlainLine(type, item);
        else
            Line(type, writer => WriteItem(writer, item.Json));
        if (body.UnflushedBytes > FlushAt)
            await FlushAsync(cancellation);
    }

    public ValueTask BookmarkAsync(long revision, bool initial, CancellationToken cancellation)
    {
        Line("BOOKMARK", writer =>
        {
            if (format.Kind == RepresentationKind.Table)
            {
                NewTable().WriteBookmark(writer, revision, initial);
                return;
            }

            writer.WriteStartObject();
            var partial = format.MetadataOnly;
            writer.WriteString("kind", partial ? "PartialObjectMetadata" : request.Resource.Kind);
            writer.WriteString("apiVersion", partial ? "meta.k8s.io/" + format.MetaVersion : request.ApiVersion);
            WriteBookmarkMetadata(writer, revision, initial);
            writer.WriteEndObject();
        });
        return ValueTask.CompletedTask;
    }

    public async Task ErrorAsync(StatusException problem, CancellationToken cancellation)
    {
        Line("ERROR", writer => problem.ToStatus().WriteTo(writer));
        await FlushAsync(cancellation);
    }

    /// <summary>Waits for a client that does not read: what is not sent yet stays a few pages, whatever is written meanwhile.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var flushed = await body.FlushAsync(cancellation);
        if (flushed.IsCompleted)
            throw new OperationCanceledException("the client has left", request.Cancellation);
    }

    public static void WriteBookmarkMetadata(Utf8JsonWriter writer, long revision, bool initial)
    {
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
        if (initial)
        {
            writer.WriteStartObject("annotations");
            writer.WriteString("k8s.io/initial-events-end", "true");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static StoredObject LastSeen(StoreEvent written) =>
        written.After is null ? written.Before! : StoredObject.Of(written.Before!.Edit(), written.Revision);

    private void WriteItem(Utf8JsonWriter writer, JsonElement item)
    {
        switch (format.Kind)
        {
            case RepresentationKind.Table:
                NewTable().WriteOne(writer, item, withColumns: !columnsSent);
                columnsSent = true;
                break;
            case RepresentationKind.Metadata or RepresentationKind.MetadataList:
                Answers.WriteMetadata(writer, item, format.MetaVersion);
                break;
            default:
                Answers.WriteObject(writer, item, request.Resource, request.ApiVersion);
                break;
        }
    }

    private TableWriter NewTable() => TableWriter.For(request, format, time.GetUtcNow());

    private void PlainLine(string type, StoredObject item)
    {
        body.Write(type switch
        {
            "ADDED" => """{"type":"ADDED","object":"""u8,
            "MODIFIED" => """{"type":"MODIFIED","object":"""u8,
            _ => """{"type":"DELETED","object":"""u8,
        });
        plain!.Write(body, item);
        body.Write("}\n"u8);
    }

    private void Line(string type, Action<Utf8JsonWriter> write)
    {
        using (var writer = JsonAccess.NewWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WritePropertyName("object");
            write(writer);
            writer.WriteEndObject();
        }

        body.Write("\n"u8);
    }
}
