using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// GET with watch=true: one line an event, from a revision on. What enters is the store's window, read at the watcher's own
/// pace; what leaves is the stream. A watcher that the window has left behind gets an ERROR event (410) and the end, as on a
/// cluster, and lists anew. A write never waits for a watcher.
/// </summary>
internal sealed class WatchHandler(ObjectStore store, FutureRevisions future, TimeProvider time, CancellationToken stopping)
{
    public async Task WatchAsync(ApiRequest request)
    {
        var format = ResponseFormat.OfWatch(request);
        var query = ListQuery.Of(request);
        var asked = ListOptions.OfWatch(request).Revision;
        var sendInitial = InitialEventsWanted(request, asked);
        var timeout = TimeSpan.FromSeconds(request.QueryNumber("timeoutSeconds") is > 0 and var given ? given : 1800 + Random.Shared.Next(1800));
        var bookmarks = request.QueryFlag("allowWatchBookmarks") ? new BookmarkSchedule(time, timeout) : null;
        using var ending = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, stopping, request.Cancellation, request.Resource.Redefined);
        var stream = new WatchStream(request, format, query, time);

        request.Context.Response.StatusCode = 200;
        request.Context.Response.ContentType = format.MediaType;
        var collection = store.Collection(request.Resource.StoreId);
        try
        {
            await request.Context.Response.StartAsync(linked.Token);
            await request.Context.Response.Body.FlushAsync(linked.Token);
            try
            {
                var position = sendInitial ? await InitialAsync(stream, query, collection.Id, asked ?? 0, bookmarks is not null, linked.Token)
                    : asked is null or 0 ? store.Revision : asked.Value;
                await FollowAsync(stream, collection, query.Namespace, position, bookmarks, linked.Token);
            }
            catch (StatusException refusal)
            {
                // The stream is open, so what is wrong is said in it.
                await stream.ErrorAsync(refusal, linked.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watch's time is up, its client left, the kind is defined anew or the server stops: the stream simply ends.
        }
    }

    /// <summary>What is there, at a revision at least as new as the one asked for; and which revision that is.</summary>
    private async Task<long> InitialAsync(WatchStream stream, ListQuery query, string id, long asked, bool bookmark, CancellationToken end)
    {
        await future.AwaitAsync(asked, end);
        var (state, position) = store.Snapshot(id);
        foreach (var item in query.From(state))
            await stream.WriteAsync("ADDED", item, end);
        if (bookmark)
            await stream.BookmarkAsync(position, initial: true, end);
        await stream.FlushAsync(end);
        return position;
    }

    private async Task FollowAsync(WatchStream stream, ObjectCollection collection, string ns, long position, BookmarkSchedule? bookmarks, CancellationToken end)
    {
        while (true)
        {
            var read = store.ReadAfter(collection, position, ns);
            if (read == WatchRead.TooOld)
                throw StatusException.Expired($"too old resource version: {position} ({store.Revision})");
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

            if (bookmarks?.TakeDue() == true)
            {
                await stream.BookmarkAsync(position, initial: false, end);
                await stream.FlushAsync(end);
            }

            try
            {
                await read.Changed.WaitAsync(bookmarks?.UntilNext ?? Timeout.InfiniteTimeSpan, time, end);
            }
            catch (TimeoutException)
            {
                // Nothing was written for a while; perhaps a bookmark is due.
            }
        }
    }

    /// <summary>Without a revision, and from 0, a watch begins with what is there; sendInitialEvents says so itself.</summary>
    private static bool InitialEventsWanted(ApiRequest request, long? asked) =>
        request.Query("sendInitialEvents") is { Length: > 0 } ? request.QueryFlag("sendInitialEvents") : asked is null or 0;
}
