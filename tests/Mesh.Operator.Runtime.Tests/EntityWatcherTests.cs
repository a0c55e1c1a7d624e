using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mesh.Testing;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Operator.Runtime.Tests.ScriptedApi;

namespace Mesh.Operator.Runtime.Tests;

public sealed class EntityWatcherTests : IAsyncLifetime
{
    private readonly Recorder _controller = new();
    private ScriptedApi _api = null!;
    private KubernetesApi _client = null!;
    private EntityWatcher<Thing>? _watcher;

    public async ValueTask InitializeAsync()
    {
        _api = await StartAsync();
        _client = _api.Client();
    }

    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null)
        {
            await _watcher.StopAsync(CancellationToken.None);
            _watcher.Dispose();
        }

        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Synced_means_that_every_object_of_the_first_list_was_reconciled()
    {
        _api.List("10", Thing("a", 5), Thing("b", 6));
        var gate = new TaskCompletionSource();
        _controller.OnReconcile = async thing =>
        {
            if (thing.Metadata.Name == "b") await gate.Task;
            return ReconciliationResult<Thing>.Success(thing);
        };
        var watcher = await RunAsync();
        await Eventually.True(() => _controller.Calls.Contains("reconcile b"), "b is being reconciled");
        Assert.False(watcher.Synced.IsCompleted);
        Assert.NotNull(watcher.Turning);
        gate.SetResult();
        await watcher.Synced.WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually.True(() => watcher.Turning is null, "between objects");
    }

    [Fact]
    public async Task An_empty_kind_is_synced_at_once()
    {
        _api.List("10");
        await (await RunAsync()).Synced.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_failing_object_comes_again_and_does_not_hold_up_the_others()
    {
        _api.List("10", Thing("bad", 5), Thing("good", 6));
        var tries = 0;
        _controller.OnReconcile = thing => thing.Metadata.Name == "bad" && ++tries < 3
            ? throw new InvalidOperationException("not yet")
            : Task.FromResult(ReconciliationResult<Thing>.Success(thing));
        await (await RunAsync()).Synced.WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually.True(() => tries == 3, "the third try");
        Assert.Contains("reconcile good", _controller.Calls);
    }

    [Fact]
    public async Task A_failure_that_is_returned_counts_as_one_that_is_thrown()
    {
        _api.List("10", Thing("bad", 5));
        var tries = 0;
        _controller.OnReconcile = thing => Task.FromResult(
            ++tries < 2 ? ReconciliationResult<Thing>.Failure(thing, "not yet", requeueAfter: TimeSpan.FromMilliseconds(10)) : ReconciliationResult<Thing>.Success(thing));
        await RunAsync();
        await Eventually.True(() => tries == 2, "the second try");
    }

    [Fact]
    public async Task A_requeue_brings_the_object_again_without_a_change()
    {
        _api.List("10", Thing("a", 5));
        _controller.OnReconcile = thing => Task.FromResult(ReconciliationResult<Thing>.Success(thing, TimeSpan.FromMilliseconds(10)));
        await RunAsync();
        await Eventually.True(() => _controller.Calls.Count(c => c == "reconcile a") > 3, "several rounds");
    }

    [Fact]
    public async Task A_deleted_object_is_told_with_what_was_last_known()
    {
        _api.List("10", Thing("a", 5, "blue")).Watch(async w =>
        {
            await w.SendAsync("DELETED", Thing("a", 11, "blue"));
            await w.HoldAsync();
        });
        await RunAsync();
        await Eventually.True(() => _controller.Calls.Contains("deleted a blue"), "the farewell");
    }

    [Fact]
    public async Task An_object_made_anew_is_bid_farewell_before_it_is_greeted()
    {
        _api.List("10", Thing("a", 5, "blue", uid: "first"))
            .Watch(w => FailAsync(w.Context, 410, "Expired"))
            .List("30", Thing("a", 20, "red", uid: "second"));
        await RunAsync();
        await Eventually.True(() => _controller.Calls.Count == 3, "three calls");
        Assert.Equal(["reconcile a", "deleted a blue", "reconcile a"], _controller.Calls);
    }

    [Fact]
    public async Task A_finalizer_is_put_on_run_and_taken_off()
    {
        const string path = "apis/mesh.test/v1/namespaces/d/things/a";
        _api.Store(path, JsonNode.Parse(Thing("a", 5))!.AsObject());
        var version = _api.Stored(path)!["metadata"]!["resourceVersion"]!.GetValue<string>();
        var attached = new TaskCompletionSource();
        var finalized = 0;
        _api.List("10", Thing("a", int.Parse(version))).Watch(async w =>
        {
            await attached.Task;
            var now = _api.Stored(path)!;
            now["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
            _api.Store(path, now);
            await w.SendAsync("MODIFIED", _api.Stored(path)!.ToJsonString());
            await w.HoldAsync();
        });
        await RunAsync(new FinalizerRegistration<Thing>("mesh.test/clean", new Cleaner(() => finalized++)));
        await Eventually.True(() => Finalizers(path).Contains("mesh.test/clean"), "the finalizer is on");
        Assert.Empty(_controller.Calls);
        attached.SetResult();
        await Eventually.True(() => finalized == 1 && Finalizers(path).Length == 0, "the finalizer is off");
    }

    [Fact]
    public async Task Foreign_finalizers_stay()
    {
        const string path = "apis/mesh.test/v1/namespaces/d/things/a";
        _api.Store(path, JsonNode.Parse(Thing("a", 5, more: ""","finalizers":["foreign/one"]"""))!.AsObject());
        _api.List("10", _api.Stored(path)!.ToJsonString());
        await RunAsync(new FinalizerRegistration<Thing>("mesh.test/clean", new Cleaner(() => { })));
        await Eventually.True(() => Finalizers(path).Length == 2, "both finalizers");
        Assert.Equal(["foreign/one", "mesh.test/clean"], Finalizers(path));
    }

    [Fact]
    public async Task A_store_that_was_put_back_is_said_once_and_ends_the_process_whoever_notices()
    {
        _api.List("10", Thing("a", 5)).List("10", Thing("a", 5));
        _api.Watch(Back).Watch(Back);
        var life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var log = new SaidLines<StoreRollback>();
        var rollback = new StoreRollback(life, log);
        var heard = 0;
        using var one = Watcher();
        using var two = Watcher();
        await one.StartAsync(CancellationToken.None);
        await two.StartAsync(CancellationToken.None);
        await Eventually.True(() => heard == 2, "both have noticed");
        await one.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(10));
        await two.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(10));
        var said = Assert.Single(log.Lines);
        Assert.Null(said.Cause);
        Assert.Contains("resourceVersion 7, seen 11", said.Text);
        Assert.True(life.ApplicationStopping.IsCancellationRequested);

        EntityWatcher<Thing> Watcher() => new(_client, new WatchScope(), _controller, [], TimeProvider.System, new Random(1), NullLogger<EntityWatcher<Thing>>.Instance)
        {
            OnRolledBack = what =>
            {
                rollback.Tell(what);
                Interlocked.Increment(ref heard);
            },
        };

        Task Back(WatchScript watch)
        {
            _api.Version = 7;
            return watch.SendAsync("ADDED", Thing("b", 11));
        }
    }

    private string[] Finalizers(string path) =>
        [.. (_api.Stored(path)!["metadata"]!["finalizers"]?.AsArray() ?? []).Select(f => f!.GetValue<string>())];

    private async Task<EntityWatcher<Thing>> RunAsync(params FinalizerRegistration<Thing>[] finalizers)
    {
        _watcher = new EntityWatcher<Thing>(_client, new WatchScope(), _controller, finalizers, TimeProvider.System, new Random(1), NullLogger<EntityWatcher<Thing>>.Instance);
        await _watcher.StartAsync(CancellationToken.None);
        return _watcher;
    }

    private sealed class Recorder : IEntityController<Thing>
    {
        public ConcurrentQueue<string> Calls { get; } = new();

        public Func<Thing, Task<ReconciliationResult<Thing>>> OnReconcile { get; set; } = thing => Task.FromResult(ReconciliationResult<Thing>.Success(thing));

        public Task<ReconciliationResult<Thing>> ReconcileAsync(Thing entity, CancellationToken cancellationToken)
        {
            Calls.Enqueue($"reconcile {entity.Metadata.Name}");
            return OnReconcile(entity);
        }

        public Task<ReconciliationResult<Thing>> DeletedAsync(Thing entity, CancellationToken cancellationToken)
        {
            Calls.Enqueue($"deleted {entity.Metadata.Name} {entity.Spec.Color}");
            return Task.FromResult(ReconciliationResult<Thing>.Success(entity));
        }
    }

    private sealed class Cleaner(Action clean) : IEntityFinalizer<Thing>
    {
        public Task<ReconciliationResult<Thing>> FinalizeAsync(Thing entity, CancellationToken cancellationToken)
        {
            clean();
            return Task.FromResult(ReconciliationResult<Thing>.Success(entity));
        }
    }
}
