using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Which objects a list answers with: the newest state, that of a past revision, or the page a token goes on with.</summary>
internal sealed class ListPages(ObjectStore store, FutureRevisions future)
{
    private const string TooOld = "The provided continue parameter is too old to display a consistent list result. " +
        "You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
        "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted " +
        "between the time the first chunk was returned and now may show up in the list.";

    public async Task<ListPage> FindAsync(ApiRequest request, ListQuery query)
    {
        var options = ListOptions.OfList(request);
        if (options.Continue.Length > 0)
            return Next(request, query, options);
        if (options.Revision is > 0 and var asked)
            await future.AwaitAsync(asked, request.Cancellation);
        var (state, revision) = store.Snapshot(request.Resource.StoreId);
        if (options.Match == "Exact")
        {
            revision = options.Revision!.Value;
            state = At(request, revision) ?? throw StatusException.Expired("The resourceVersion for the provided list is too old.");
        }

        return Cut(state, "", options.Limit, revision, query);
    }

    private ListPage Next(ApiRequest request, ListQuery query, ListOptions options)
    {
        var token = ContinueToken.Read(options.Continue);
        var (state, revision) = store.Snapshot(request.Resource.StoreId);
        if (token.Revision > 0)
        {
            revision = token.Revision;
            state = At(request, revision) ?? throw StatusException.Expired(TooOld, token.WithNewestRevision());
        }

        return Cut(state, token.KeyIn(query.Namespace), options.Limit, revision, query);
    }

    private ObjectState? At(ApiRequest request, long revision) =>
        store.Collection(request.Resource.StoreId).StateAt(revision);

    /// <summary>How much is left is told only where nothing had to be looked at to know it.</summary>
    private static ListPage Cut(ObjectState state, string start, long limit, long revision, ListQuery query)
    {
        var (from, to) = state.Stretch(query.Namespace);
        if (start.Length > 0)
            from = Math.Max(from, state.PlaceOf(start));
        var selected = state.Between(from, to).Where(query.Selects);
        if (limit is <= 0 or >= int.MaxValue)
            return new ListPage([.. selected], revision);
        var page = selected.Take((int)limit + 1).ToList();
        if (page.Count <= limit)
            return new ListPage(page, revision);
        page.RemoveAt(page.Count - 1);
        return new ListPage(page, revision, ContinueToken.Write(revision, page[^1].Key, query.Namespace), query.HasSelector ? null : to - from - limit);
    }
}
