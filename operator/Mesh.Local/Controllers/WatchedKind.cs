using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Controllers;

/// <summary>The objects of one kind as they are now, and word of each change to whoever asked for it before the start.</summary>
internal sealed class WatchedKind<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Reflector<T> _reflector;
    private readonly Dictionary<EntityKey, T> _before = [];

    public WatchedKind(KubernetesApi api, TimeProvider time, Random random, ILogger log, WatchScope? scope = null) =>
        _reflector = new Reflector<T>(api, scope ?? new WatchScope(), Tell, time, random, log);

    /// <summary>Before and after: a new object has no before, one that is gone no after.</summary>
    public event Action<T?, T?>? Changed;

    public IEnumerable<T> All => _reflector.Objects.Values;

    public Task Listed => _reflector.Listed;

    public T? Find(EntityKey key) => _reflector.Objects.TryGetValue(key, out var found) ? found : null;

    public T? Find(string? ns, string name) => Find(new EntityKey(ns ?? "", name));

    public Task RunAsync(CancellationToken cancellation) => _reflector.RunAsync(cancellation);

    private void Tell(EntityEvent<T> change)
    {
        var before = _before.GetValueOrDefault(change.Key);
        if (change.Current is null) _before.Remove(change.Key);
        else _before[change.Key] = change.Current;
        if (change.Current is not null && before is not null && before.Metadata.Uid != change.Current.Metadata.Uid)
        {
            // Another object took the name at once: the old one went, a new one came.
            Changed?.Invoke(before, null);
            before = null;
        }

        Changed?.Invoke(before, change.Current);
    }
}
