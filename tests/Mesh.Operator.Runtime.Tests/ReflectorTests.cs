using System.Collections.Concurrent;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Operator.Runtime.Tests.ScriptedApi;

namespace Mesh.Operator.Runtime.Tests;

public sealed class ReflectorTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ConcurrentQueue<UnreadableObject> _unreadable = new();
    private readonly CancellationTokenSource _stop = new();
    private ScriptedApi _api = null!;
    private KubernetesApi _client = null!;
    private Task _run = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _api = await StartAsync();
        _client = _api.Client();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Each_object_of_the_list_is_one_event()
    {
        _api.List("10", Thing("a", 5), Thing("b", 6));
        var reflector = Run();
        await ExpectAsync("+a red", "+b red");
        await reflector.Listed;
        await Eventually.True(() => _api.WatchRequests.Any(), "a watch");
        Assert.Contains("resourceVersion=10&", _api.WatchRequests.First());
        Assert.Contains("allowWatchBookmarks=true", _api.WatchRequests.First());
    }

    [Fact]
    public async Task A_list_in_pages_is_one_list()
    {
        _api.List(c => c.Response.WriteAsync($$"""{"metadata":{"resourceVersion":"10","continue":"more"},"items":[{{Thing("a", 5)}}]}"""))
            .List("10", Thing("b", 6));
        Run();
        await ExpectAsync("+a red", "+b red");
        Assert.Contains(_api.Requests, r => r.Contains("continue=more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watch_events_follow_the_list()
    {
        _api.List("10", Thing("a", 5), Thing("b", 6)).Watch(async w =>
        {
            await w.SendAsync("MODIFIED", Thing("a", 11, "blue"));
            await w.SendAsync("ADDED", Thing("c", 12));
            await w.SendAsync("DELETED", Thing("b", 13));
            await w.HoldAsync();
        });
        var reflector = Run();
        await ExpectAsync("+a red", "+b red", "+a blue", "+c red", "-b red");
        Assert.Equal(["a", "c"], reflector.Objects.Keys.Select(k => k.Name).Order());
    }

    [Fact]
    public async Task A_410_answer_lists_anew_and_tells_only_what_changed()
    {
        _api.List("10", Thing("a", 5), Thing("b", 6), Thing("gone-while-away", 7))
            .Watch(w => FailAsync(w.Context, 410, "Expired"))
            .List("30", Thing("a", 5), Thing("b", 20, "blue"), Thing("new", 21));
        Run();
        await ExpectAsync("+a red", "+b red", "+gone-while-away red", "+b blue", "+new red", "-gone-while-away red");
        await Eventually.True(() => _api.WatchRequests.Count() == 2, "the second watch");
        Assert.Contains("resourceVersion=30&", _api.WatchRequests.Last());
    }

    [Fact]
    public async Task A_410_in_the_stream_lists_anew()
    {
        _api.List("10", Thing("a", 5))
            .Watch(async w =>
            {
                await w.SendAsync("ADDED", Thing("b", 11));
                await w.SendAsync("ERROR", Status(410, "Expired"));
            })
            .List("30", Thing("a", 5), Thing("b", 11));
        Run();
        await ExpectAsync("+a red", "+b red");
        await Eventually.True(() => _api.WatchRequests.Count() == 2, "the second watch");
        Assert.Contains("resourceVersion=30&", _api.WatchRequests.Last());
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public async Task A_cut_connection_goes_on_after_the_last_event()
    {
        _api.List("10", Thing("a", 5))
            .Watch(async w =>
            {
                await w.SendAsync("ADDED", Thing("b", 11));
                // A cut discards what the client has not read yet.
                await Eventually.True(() => _events.Count == 2, "b has arrived");
                w.Cut();
            })
            .Watch(async w =>
            {
                await w.SendAsync("ADDED", Thing("c", 12));
                await w.HoldAsync();
            });
        Run();
        await ExpectAsync("+a red", "+b red", "+c red");
        Assert.Contains("resourceVersion=11&", _api.WatchRequests.Last());
        Assert.Single(_api.Requests, r => r.Contains("limit=500", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_was_put_back_ends_it_where_a_watch_would_wait_for_ever()
    {
        _api.List("10", Thing("a", 5)).Watch(w =>
        {
            _api.Version = 7;
            return w.SendAsync("ADDED", Thing("b", 11));
        });
        Run();
        var why = await Assert.ThrowsAsync<RolledBackException>(() => _run.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("things: resourceVersion 7, seen 11", why.Message);
        Assert.Single(_api.WatchRequests);
        _run = Task.CompletedTask;
    }

    [Fact]
    public async Task An_object_older_than_it_was_ends_it_too_whatever_the_number_of_the_list()
    {
        _api.List("10", Thing("a", 9)).Watch(w => w.SendAsync("ERROR", Status(410, "Expired"))).List("1000", Thing("a", 5));
        Run();
        await Assert.ThrowsAsync<RolledBackException>(() => _run.WaitAsync(TimeSpan.FromSeconds(20)));
        _run = Task.CompletedTask;
    }

    [Fact]
    public async Task A_bookmark_moves_the_place_and_is_no_event()
    {
        _api.List("10", Thing("a", 5)).Watch(w => w.BookmarkAsync(99));
        Run();
        await Eventually.True(() => _api.WatchRequests.Count() == 2, "the second watch");
        Assert.Contains("resourceVersion=99&", _api.WatchRequests.Last());
        Assert.Equal(["+a red"], _events);
    }

    [Fact]
    public async Task A_duplicate_event_is_swallowed()
    {
        _api.List("10", Thing("a", 5)).Watch(async w =>
        {
            await w.SendAsync("ADDED", Thing("a", 5));
            await w.SendAsync("MODIFIED", Thing("a", 11, "blue"));
            await w.SendAsync("MODIFIED", Thing("a", 11, "blue"));
            await w.SendAsync("ADDED", Thing("last", 12));
            await w.HoldAsync();
        });
        Run();
        await ExpectAsync("+a red", "+a blue", "+last red");
    }

    [Fact]
    public async Task An_object_made_anew_under_its_name_was_gone_in_between()
    {
        _api.List("10", Thing("a", 5, uid: "first"))
            .Watch(w => FailAsync(w.Context, 410, "Expired"))
            .List("30", Thing("a", 20, "blue", uid: "second"));
        Run();
        await ExpectAsync("+a red", "-a red +a blue");
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_reported_and_the_others_go_on()
    {
        const string broken = """{"metadata":{"name":"broken","namespace":"d","resourceVersion":"7"},"spec":{"size":"many"}}""";
        _api.List("10", Thing("a", 5), broken, Thing("b", 6)).Watch(async w =>
        {
            await w.SendAsync("MODIFIED", broken.Replace("\"7\"", "\"11\"", StringComparison.Ordinal));
            await w.SendAsync("ADDED", Thing("c", 12));
        });
        Run();
        await ExpectAsync("+a red", "+b red", "+c red");
        Assert.Equal(2, _unreadable.Count);
        Assert.All(_unreadable, u => Assert.Equal(new EntityKey("d", "broken"), u.Key));
        Assert.Contains("size", _unreadable.First().Why);
    }

    [Fact]
    public async Task A_readable_object_that_turns_unreadable_keeps_its_last_good_state()
    {
        const string broken = """{"metadata":{"name":"a","namespace":"d","resourceVersion":"20"},"spec":{"size":"many"}}""";
        _api.List("10", Thing("a", 5)).Watch(w => FailAsync(w.Context, 410, "Expired")).List("30", broken);
        var reflector = Run();
        await Eventually.True(() => !_unreadable.IsEmpty, "the report");
        await Eventually.True(() => _api.WatchRequests.Count() == 2, "the second watch");
        Assert.Equal(["+a red"], _events);
        Assert.Single(reflector.Objects);
    }

    [Fact]
    public async Task Half_a_line_at_the_end_is_asked_for_again()
    {
        _api.List("10", Thing("a", 5))
            .Watch(async w =>
            {
                await w.SendAsync("ADDED", Thing("b", 11));
                await w.RawAsync("""{"type":"ADDED","object":{"metadata":{"name":"c","resou""");
            })
            .Watch(async w =>
            {
                await w.SendAsync("ADDED", Thing("c", 12));
                await w.HoldAsync();
            });
        Run();
        await ExpectAsync("+a red", "+b red", "+c red");
        Assert.Contains("resourceVersion=11&", _api.WatchRequests.Last());
    }

    [Fact]
    public async Task A_line_that_is_no_event_leads_to_a_new_list()
    {
        _api.List("10", Thing("a", 5))
            .Watch(w => w.RawAsync("<html>\nnot an API\n"))
            .List("30", Thing("a", 5), Thing("b", 20));
        Run();
        await ExpectAsync("+a red", "+b red");
    }

    [Fact]
    public async Task A_failing_server_is_asked_again()
    {
        _api.List(c => FailAsync(c, 500, "InternalError")).List(c => FailAsync(c, 404, "NotFound")).List("10", Thing("a", 5));
        Run();
        await ExpectAsync("+a red");
    }

    [Fact]
    public async Task Metadata_alone_is_asked_for_and_whole_objects_are_understood()
    {
        string? accept = null;
        _api.List(c =>
        {
            accept = c.Request.Headers.Accept;
            return c.Response.WriteAsync($$"""{"metadata":{"resourceVersion":"10"},"items":[{{Thing("a", 5)}}]}""");
        });
        Run(new WatchScope { MetadataOnly = true, LabelSelector = "x=y", Namespace = "d" });
        await ExpectAsync("+a red");
        Assert.StartsWith("application/json;as=PartialObjectMetadataList", accept);
        Assert.Contains(_api.Requests, r => r.StartsWith("GET apis/mesh.test/v1/namespaces/d/things?limit=500&labelSelector=x%3Dy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listed_anew_on_demand_every_object_is_an_event_though_its_version_is_as_it_was()
    {
        _api.List("10", Thing("a", 5), Thing("b", 6)).List("12", Thing("a", 5, "blue"), Thing("b", 6));
        var reflector = Run();
        await ExpectAsync("+a red", "+b red");
        await Eventually.True(() => _api.WatchRequests.Count() == 1, "the watch");
        reflector.ListAnew();
        await ExpectAsync("+a red", "+b red", "+a blue", "+b red");
        await Eventually.True(() => _api.WatchRequests.Count() == 2, "the second watch");
        Assert.Contains("resourceVersion=12&", _api.WatchRequests.Last());
    }

    private Reflector<Thing> Run(WatchScope? scope = null)
    {
        var reflector = new Reflector<Thing>(_client, scope ?? new WatchScope(), e => _events.Enqueue(Text(e)), TimeProvider.System, new Random(1), NullLogger.Instance)
        {
            OnUnreadable = _unreadable.Enqueue,
        };
        _run = reflector.RunAsync(_stop.Token);
        return reflector;
    }

    private static string Text(EntityEvent<Thing> e) => string.Join(
        ' ', new[] { e.Gone is null ? null : $"-{e.Key.Name} {e.Gone.Spec.Color}", e.Current is null ? null : $"+{e.Key.Name} {e.Current.Spec.Color}" }.OfType<string>());

    private async Task ExpectAsync(params string[] events)
    {
        await Eventually.True(() => _events.Count >= events.Length, $"{events.Length} events");
        Assert.Equal(events, _events);
    }
}
