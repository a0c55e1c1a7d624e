using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Operator.Sinks;

/// <summary>
/// Keeps <c>mesh-root</c> in each namespace of the mesh: whom its pods trust and where the operator is. It stands before the
/// first pod does, since pods cannot start without it; someone's edit is put back, someone's own ConfigMap of that name is
/// left alone, and it goes when neither the namespace nor a pod in it belongs to the mesh any more.
/// </summary>
[EntityRbac(typeof(TrustMap), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update | RbacVerb.Delete)]
public sealed class TrustSink(IKubernetesClient client, EventPublisher events, Debounce changes, TimeProvider time, Random random, ILogger<TrustSink> log) : IDisposable
{
    private const int Writers = 4;

    // A pod just admitted is seen by the watch long before.
    private static readonly TimeSpan Expectation = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, TrustMap> _maps = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _expected = new();
    private readonly ConcurrentDictionary<string, string> _made = new();
    private readonly KeyedQueue<string> _queue = new(time, random, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
    private volatile Wanted _wanted = new(ImmutableHashSet<string>.Empty, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Namespaces of pods just admitted.</summary>
    public IEnumerable<string> Expected
    {
        get
        {
            var now = time.GetUtcNow();
            foreach (var (name, until) in _expected)
                if (until < now) _expected.TryRemove(new KeyValuePair<string, DateTimeOffset>(name, until));
            return _expected.Keys;
        }
    }

    /// <summary>A pod of this namespace is about to be, and will mount it.</summary>
    public void Expect(string @namespace)
    {
        _expected[@namespace] = time.GetUtcNow() + Expectation;
        if (!_wanted.Namespaces.Contains(@namespace)) changes.Signal(urgent: true);
    }

    /// <summary>The whole of what is wanted: where, and what.</summary>
    public void Publish(IReadOnlySet<string> namespaces, ImmutableSortedDictionary<string, string> content)
    {
        _wanted = new Wanted([.. namespaces], content);
        foreach (var name in namespaces)
            if (!Holds(_maps.GetValueOrDefault(name), content)) _queue.Add(name);
        foreach (var name in _maps.Keys)
            if (!namespaces.Contains(name)) _queue.Add(name, 1);
    }

    /// <summary>Every namespace that should hold these roots does.</summary>
    public bool IsEverywhere(string rootsPem)
    {
        var wanted = _wanted;
        return wanted.Content.TryGetValue(WellKnown.TrustRoots, out var roots) && roots == rootsPem
            && wanted.Namespaces.All(name => _maps.TryGetValue(name, out var map) && (!IsOurs(map) || Holds(map, wanted.Content)));
    }

    public void Observed(TrustMap map)
    {
        var name = map.Metadata.NamespaceProperty;
        if (_maps.TryGetValue(name, out var known) && known.Metadata.Uid == map.Metadata.Uid
            && !ResourceVersion.IsNewer(map.Metadata.ResourceVersion, known.Metadata.ResourceVersion)) return;
        _maps[name] = map;
        _queue.Add(name, 1);
    }

    public void Gone(TrustMap map)
    {
        var name = map.Metadata.NamespaceProperty;
        if (_maps.TryGetValue(name, out var known) && known.Metadata.Uid != map.Metadata.Uid) return;
        _maps.TryRemove(name, out _);
        _queue.Add(name);
    }

    /// <summary>Works until cancelled; run by the leader alone.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => _queue.WorkAsync(name => WorkAsync(name, cancellationToken), cancellationToken), CancellationToken.None)));

    public void Dispose() => _queue.Dispose();

    private async Task WorkAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await SyncAsync(name, cancellationToken);
            _queue.Forget(name);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _queue.Add(name);
        }
        catch (Exception e)
        {
            // The one place of this loop: a namespace that cannot be written waits alone.
            var pause = _queue.AddFailed(name);
            Count("failed");
            log.LogWarning("{Map} of namespace {Namespace}: {Why} (again in {Pause:0.0} s)", WellKnown.TrustConfigMap, name, e is ApiException or HttpRequestException or TimeoutException ? e.Message : e, pause.TotalSeconds);
        }
    }

    private async Task SyncAsync(string name, CancellationToken cancellationToken)
    {
        var wanted = _wanted;
        // Before the roots are known nothing is right or wrong.
        if (wanted.Content.IsEmpty) return;
        var map = _maps.GetValueOrDefault(name);
        if (!wanted.Namespaces.Contains(name))
        {
            if (map is not null && IsOurs(map)) await DeleteAsync(map, cancellationToken);
        }
        else if (map is null)
        {
            await CreateAsync(name, wanted.Content, cancellationToken);
        }
        else if (!IsOurs(map))
        {
            log.LogWarning("ConfigMap {Namespace}/{Map} belongs to someone else and is left alone; pods there have no trust and do not start", name, WellKnown.TrustConfigMap);
            await events.PublishAsync(map, "TrustNameTaken", $"This ConfigMap, which pods of the mesh mount, was not made by the operator and is left alone: sidecars in namespace {name} get no certificate. Delete it, and the operator makes its own.", EventType.Warning, cancellationToken);
        }
        else if (!Holds(map, wanted.Content))
        {
            await UpdateAsync(map, wanted.Content, cancellationToken);
        }
    }

    private async Task CreateAsync(string name, ImmutableSortedDictionary<string, string> content, CancellationToken cancellationToken)
    {
        try
        {
            Written(await client.CreateAsync(Make(name, content, null), cancellationToken), "created");
        }
        catch (ApiException e) when (e.IsConflict)
        {
            await LearnAsync(name, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsOfTerminatingNamespace)
        {
            // The namespace went; its event is on the way.
        }
    }

    private async Task UpdateAsync(TrustMap map, ImmutableSortedDictionary<string, string> content, CancellationToken cancellationToken)
    {
        // What we wrote last and does not stand there any more was changed by someone else.
        var edited = _made.TryGetValue(map.Metadata.NamespaceProperty, out var last) && last == HashOf(content);
        try
        {
            Written(await client.UpdateAsync(Make(map.Metadata.NamespaceProperty, content, map), cancellationToken), edited ? "restored" : "updated");
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            await LearnAsync(map.Metadata.NamespaceProperty, cancellationToken);
            return;
        }

        if (edited)
            await events.PublishAsync(map, "TrustRestored", "This ConfigMap was changed by someone else and has been put back. The operator owns it.", EventType.Warning, cancellationToken);
    }

    private async Task DeleteAsync(TrustMap map, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync<TrustMap>(map.Metadata.Name, map.Metadata.NamespaceProperty, map.Metadata.Uid, cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another object has the name now.
        }

        _maps.TryRemove(new KeyValuePair<string, TrustMap>(map.Metadata.NamespaceProperty, map));
        _made.TryRemove(map.Metadata.NamespaceProperty, out _);
        Count("deleted");
    }

    private async Task LearnAsync(string name, CancellationToken cancellationToken)
    {
        if (await client.GetAsync<TrustMap>(WellKnown.TrustConfigMap, name, cancellationToken) is { } current) _maps[name] = current;
        else _maps.TryRemove(name, out _);
        _queue.Add(name);
    }

    private void Written(TrustMap map, string how)
    {
        _maps[map.Metadata.NamespaceProperty] = map;
        _made[map.Metadata.NamespaceProperty] = map.Metadata.Annotations[MeshLabels.Hash];
        Count(how);
    }

    private static TrustMap Make(string name, ImmutableSortedDictionary<string, string> content, TrustMap? existing) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta
        {
            Name = WellKnown.TrustConfigMap,
            NamespaceProperty = name,
            ResourceVersion = existing?.Metadata.ResourceVersion,
            Uid = existing?.Metadata.Uid,
            Labels = new Dictionary<string, string>(existing?.Metadata.Labels ?? new Dictionary<string, string>()) { [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator },
            Annotations = new Dictionary<string, string>(existing?.Metadata.Annotations ?? new Dictionary<string, string>()) { [MeshLabels.Hash] = HashOf(content) },
        },
        Data = new Dictionary<string, string>(content),
    };

    // Someone may have taken the label off; what else we put on it still tells that it is ours.
    private static bool IsOurs(TrustMap map) =>
        (map.Metadata.Labels is { } labels && labels.TryGetValue(MeshLabels.ManagedBy, out var by) && by == MeshLabels.ManagedByOperator)
        || map.Metadata.Annotations?.ContainsKey(MeshLabels.Hash) == true;

    private static bool Holds(TrustMap? map, ImmutableSortedDictionary<string, string> content) =>
        map?.Data is { } data && data.Count == content.Count && content.All(pair => data.TryGetValue(pair.Key, out var value) && value == pair.Value)
        && map.Metadata.Labels is { } labels && labels.TryGetValue(MeshLabels.ManagedBy, out var by) && by == MeshLabels.ManagedByOperator
        && map.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Hash, out var hash) && hash == HashOf(content);

    private static string HashOf(ImmutableSortedDictionary<string, string> content) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', content.Select(pair => $"{pair.Key}={pair.Value}")))).AsSpan(0, 16));

    private static void Count(string result) => OperatorMetrics.TrustWrites.Add(1, new KeyValuePair<string, object?>("result", result));

    private sealed record Wanted(ImmutableHashSet<string> Namespaces, ImmutableSortedDictionary<string, string> Content);
}
