using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// GET with watch=true: one line an event, from a revision on. What enters is the store's window, read at the watcher's own
/// pace; what leaves is the stream. A watcher that the window has left behind gets an ERROR event (410) and the end, as on a
/// cluster, and lists anew. A write never waits for a watcher.
/// </summary>
internal sealed class WatchHandler(ObjectStore store, TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    public async Task WatchAsync(ApiRequest request)
    {
        var format = ResponseFormat.Choose(request.Context.Request, watch: true) ?? throw ReadHandler.NotAcceptable(request);
        var query = ListQuery.Of(request);
        var asked = ListQuery.Revision(request, 500);
        var bookmarks = request.QueryFlag("allowWatchBookmarks");
        var sendInitial = InitialEventsWanted(request, asked);
        var seconds = request.QueryNumber("timeoutSeconds") is > 0 and var given ? given : 1800 + Random.Shared.Next(1800);
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, stopping, request.Cancellation);
        var stream = new WatchStream(request, format, query, time);

        request.Context.Response.StatusCode = 200;
        request.Context.Response.ContentType = format.MediaType;
        var collection = store.Collection(request.Resource.StoreId);
        var position = asked ?? 0;
        try
        {
            await request.Context.Response.StartAsync(linked.Token);
            await request.Context.Response.Body.FlushAsync(linked.Token);
            if (sendInitial)
            {
                (var state, position) = store.Snapshot(request.Resource.StoreId);
                foreach (var item in query.From(state))
                    await stream.WriteAsync("ADDED", item, linked.Token);
                if (bookmarks)
                    await stream.BookmarkAsync(position, initial: true, linked.Token);
                await stream.FlushAsync(linked.Token);
            }
            else if (asked is null or 0)
            {
                position = store.Revision;
            }

            await FollowAsync(stream, collection, query.Namespace, position, bookmarks, linked.Token);
        }
        catch (OperationCanceledException)
        {
            // The watch's time is up, its client left or the server stops: the stream simply ends.
        }
    }

    private async Task FollowAsync(WatchStream stream, ObjectCollection collection, string ns, long position, bool bookmarks, CancellationToken end)
    {
        var lastBookmark = time.GetTimestamp();
        while (true)
        {
            var read = store.ReadAfter(collection, position, ns);
            if (read == WatchRead.TooOld)
            {
                await stream.ErrorAsync(StatusException.Expired(
                    $"too old resource version: {position} ({store.Revision})"), end);
                return;
            }

            if (read == WatchRead.Ended)
                return;
            foreach (var written in read.Events)
                await stream.WriteAsync(written, end);
            position = read.Revision;
            if (read.Events.Count > 0)
            {
                await stream.FlushAsync(end);
                continue;
            }

            if (bookmarks && time.GetElapsedTime(lastBookmark) >= BookmarkInterval)
            {
                lastBookmark = time.GetTimestamp();
                await stream.BookmarkAsync(position, initial: false, end);
                await stream.FlushAsync(end);
            }

            try
            {
                await read.Changed.WaitAsync(BookmarkInterval, time, end);
            }
            catch (TimeoutException)
            {
                // Nothing was written for a while; perhaps a bookmark is due.
            }
        }
    }

    /// <summary>Without a revision, and from 0, a watch begins with what is there; sendInitialEvents says so itself.</summary>
    private static bool InitialEventsWanted(ApiRequest request, long? asked)
    {
        if (request.Query("sendInitialEvents") is { Length: > 0 })
        {
            if (request.Query("resourceVersionMatch") != "NotOlderThan")
            {
                throw InvalidOptions(
                    "resourceVersionMatch", "FieldValueForbidden",
                    "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
            }

            return request.QueryFlag("sendInitialEvents");
        }

        if (request.Query("resourceVersionMatch") is { Length: > 0 })
        {
            throw InvalidOptions(
                "resourceVersionMatch", "FieldValueForbidden",
                "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        return asked is null or 0;
    }

    private static StatusException InvalidOptions(string field, string reason, string message) => new(
        422, "Invalid", $"ListOptions.meta.k8s.io \"\" is invalid: {field}: {message}",
        new JsonObject
        {
            ["group"] = "meta.k8s.io",
            ["kind"] = "ListOptions",
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = reason, ["message"] = message, ["field"] = field }),
        });
}
