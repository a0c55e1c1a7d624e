using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Mirrors the objects of one kind: a list, then a watch that goes on where the last one ended, a new list when the server
/// has forgotten that place (410). Events that change nothing (a duplicate, a bookmark, an object that a new list shows as
/// it was) are swallowed; an object deleted while the watch was away is found missing by the new list. An object that cannot
/// be decoded is reported and left out (what was known of it stays), the others go on. A server that shows an older state than
/// was seen ends it all: what this process knows is of a future that will not be (<see cref="RolledBackException"/>).
/// </summary>
public sealed class Reflector<TEntity> where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<EntityKey, TEntity> _objects = new();
    private readonly ResourceKind _kind = ResourceKind.Of(typeof(TEntity));
    private readonly KubernetesApi _api;
    private readonly WatchScope _scope;
    private readonly Action<EntityEvent<TEntity>> _onEvent;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _log;
    private readonly Backoff _backoff;
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _resourceVersion;

    public Reflector(
        KubernetesApi api, WatchScope scope, Action<EntityEvent<TEntity>> onEvent, TimeProvider time, Random random, ILogger log)
    {
        (_api, _scope, _onEvent, _time, _random, _log) = (api, scope, onEvent, time, random, log);
        _backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), random);
    }

    /// <summary>Told of each object that could not be decoded.</summary>
    public Action<UnreadableObject>? OnUnreadable { get; init; }

    /// <summary>Told of each list after it was turned into events.</summary>
    public Action? OnListed { get; init; }

    /// <summary>Told of each failure; one that it answers true to is said by nobody else.</summary>
    public Func<Exception, bool>? OnFailure { get; init; }

    /// <summary>What is known now.</summary>
    public IReadOnlyDictionary<EntityKey, TEntity> Objects => _objects;

    /// <summary>Done when the first list has been turned into events.</summary>
    public Task Listed => _listed.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                if (_resourceVersion is null) await ListAsync(cancellationToken);
                else await CheckServerAsync(cancellationToken);
                var progress = await WatchAsync(cancellationToken);
                if (progress) _backoff.Reset();
                // A server that closes each watch at once must not be asked without pause.
                pause = progress ? TimeSpan.Zero : _backoff.Next();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (RolledBackException)
            {
                throw;
            }
            catch (ApiException e) when (e.IsGone)
            {
                _log.LogDebug("{Kind}: the server no longer has resourceVersion {ResourceVersion}, listing anew", _kind.Kind, _resourceVersion);
                RuntimeMetrics.Relists.Add(1, RuntimeMetrics.Kind(_kind));
                _resourceVersion = null;
                pause = _backoff.Next();
            }
            catch (Exception e)
            {
                // The one place of this loop: whatever the world did, the mirror is kept and the watch begun anew.
                pause = Max(_backoff.Next(), (e as ApiException)?.RetryAfter);
                if (OnFailure?.Invoke(e) != true) Say(e, pause);
            }

            if (pause > TimeSpan.Zero)
            {
                RuntimeMetrics.WatchRestarts.Add(1, RuntimeMetrics.Kind(_kind));
                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // A server whose store was put back to an earlier copy takes a watch from a version it has not come to yet, and is silent
    // until it has: what happened meanwhile would never be heard. A plain list is read from the store itself, so it cannot be
    // behind what anybody has seen.
    private async Task CheckServerAsync(CancellationToken cancellationToken)
    {
        using var page = await _api.GetJsonAsync($"{_kind.CollectionPath(_scope.Namespace)}?limit=1{_scope.Query}", _scope.ListAccept, cancellationToken);
        ListPage.Read<TEntity>(page.RootElement, _kind, static _ => { }, out _, out var current);
        if (ResourceVersion.IsOlder(current, _resourceVersion)) throw new RolledBackException(_kind, _resourceVersion!, current!);
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var seen = new Dictionary<EntityKey, TEntity?>();
        string? next = null, resourceVersion;
        do
        {
            var path = $"{_kind.CollectionPath(_scope.Namespace)}?limit=500{_scope.Query}" + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            using var page = await _api.GetJsonAsync(path, _scope.ListAccept, cancellationToken);
            var entities = ListPage.Read<TEntity>(page.RootElement, _kind, problem => { seen[problem.Key] = null; Report(problem); }, out next, out resourceVersion);
            foreach (var entity in entities) seen[EntityKey.Of(entity.Metadata)] = entity;
        }
        while (next is not null);

        // Put back with its numbers raised (etcdutl --bump-revision) the list is newer, and the objects in it are as they were.
        foreach (var (key, entity) in seen)
            if (entity is not null && _objects.TryGetValue(key, out var known) && known.Metadata.Uid == entity.Metadata.Uid && ResourceVersion.IsOlder(entity.Metadata.ResourceVersion, known.Metadata.ResourceVersion))
                throw new RolledBackException(_kind, known.Metadata.ResourceVersion, entity.Metadata.ResourceVersion);
        foreach (var (key, entity) in seen)
            if (entity is not null) Put(key, entity);
        foreach (var key in _objects.Keys)
            if (!seen.ContainsKey(key)) Remove(key);
        _resourceVersion = resourceVersion ?? throw new JsonException($"The list of {_kind.Plural} has no metadata.resourceVersion.");
        OnListed?.Invoke();
        _listed.TrySetResult();
    }

    /// <summary>Follows one watch to its end; false when it brought nothing.</summary>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var seconds = _random.Next(240, 480);
        var path = $"{_kind.CollectionPath(_scope.Namespace)}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(_resourceVersion!)}&timeoutSeconds={seconds}{_scope.Query}";
        // The server ends the watch after timeoutSeconds; one that does not is dead.
        using var overdue = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 30), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellationToken);
        var progress = false;
        try
        {
            using var answer = await _api.OpenAsync(path, _scope.WatchAccept, either.Token);
            await using var stream = await answer.Content.ReadAsStreamAsync(either.Token);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(either.Token) is { } line)
            {
                if (line.Length == 0) continue;
                if (!Take(line))
                {
                    // The tail of a cut stream is asked for again; anything else that is no event cannot be passed by watching.
                    if (await reader.ReadLineAsync(either.Token) is not null) _resourceVersion = null;
                    break;
                }

                progress = true;
            }
        }
        catch (OperationCanceledException) when (overdue.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _log.LogDebug("{Kind}: the watch outlived its time, connecting anew", _kind.Kind);
        }
        catch (Exception e) when (progress && e is IOException or HttpRequestException)
        {
            _log.LogDebug("{Kind}: the watch was cut ({Why}), connecting anew", _kind.Kind, e.Message);
        }

        return progress;
    }

    /// <summary>Takes one event; false when the line is none.</summary>
    private bool Take(string line)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            return false;
        }

        using (document)
        {
            var type = ListPage.Text(document.RootElement, "type");
            var body = document.RootElement.GetProperty("object");
            if (type == "ERROR") throw ApiException.From(KubernetesJson.Deserialize<V1Status>(body), $"watch of {_kind.Plural}");
            RuntimeMetrics.WatchEvents.Add(1, RuntimeMetrics.Kind(_kind), new("type", type));
            if (type == "BOOKMARK")
            {
                Advance(ListPage.Text(body.GetProperty("metadata"), "resourceVersion"));
                return true;
            }

            var (entity, problem) = ListPage.Decode<TEntity>(body, _kind);
            var key = entity is null ? problem!.Key : EntityKey.Of(entity.Metadata);
            if (type == "DELETED") Remove(key);
            else if (entity is not null) Put(key, entity);
            else Report(problem!);
            Advance(entity is null ? problem!.ResourceVersion : entity.Metadata.ResourceVersion);
            return true;
        }
    }

    private void Advance(string? resourceVersion)
    {
        if (!string.IsNullOrEmpty(resourceVersion)) _resourceVersion = resourceVersion;
    }

    private void Put(EntityKey key, TEntity entity)
    {
        TEntity? gone = null;
        if (_objects.TryGetValue(key, out var known))
        {
            if (known.Metadata.Uid == entity.Metadata.Uid && known.Metadata.ResourceVersion == entity.Metadata.ResourceVersion) return;
            if (known.Metadata.Uid != entity.Metadata.Uid) gone = known;
        }

        _objects[key] = entity;
        _onEvent(new EntityEvent<TEntity>(key, entity, gone));
    }

    private void Remove(EntityKey key)
    {
        if (_objects.TryRemove(key, out var gone)) _onEvent(new EntityEvent<TEntity>(key, null, gone));
    }

    private void Report(UnreadableObject problem)
    {
        RuntimeMetrics.Unreadable.Add(1, RuntimeMetrics.Kind(_kind));
        _log.LogWarning("{Kind} {Object} cannot be read and is left out: {Why}", _kind.Kind, problem.Key, problem.Why);
        OnUnreadable?.Invoke(problem);
    }

    private void Say(Exception e, TimeSpan pause)
    {
        // That nobody answers is said once for all mirrors.
        if (e is HttpRequestException or TimeoutException or IOException)
            _log.LogDebug("Watching {Kind} failed, trying again in {Pause:0.0} s: {Why}", _kind.Kind, pause.TotalSeconds, e.Message);
        else if (e is ApiException { Code: HttpStatusCode.NotFound })
            _log.LogWarning("The API server does not serve {Kind} ({ApiVersion}); are the CRDs installed? Trying again in {Pause:0.0} s", _kind.Kind, _kind.ApiVersion, pause.TotalSeconds);
        else
            _log.LogWarning("Watching {Kind} failed, trying again in {Pause:0.0} s: {Why}", _kind.Kind, pause.TotalSeconds, e.Message);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan? b) => b > a ? b.Value : a;
}
