using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>
/// What a controller made or deleted that its view does not show yet. Counting it keeps a controller whose view lags behind
/// its own writes from making the same pod twice.
/// </summary>
internal sealed class Owned
{
    private readonly ConcurrentDictionary<(string Owner, string Child), byte> _made = new();
    private readonly ConcurrentDictionary<string, byte> _deleted = new();

    public void Made(string ownerUid, string childUid) => _made[(ownerUid, childUid)] = 0;

    public void Deleted(string childUid) => _deleted[childUid] = 0;

    /// <summary>Children made for the owner that are not among those seen.</summary>
    public int Unseen(string ownerUid, IEnumerable<string> seen)
    {
        foreach (var uid in seen) _made.TryRemove((ownerUid, uid), out _);
        return _made.Keys.Count(k => k.Owner == ownerUid);
    }

    public bool IsDeleted(IKubernetesObject<V1ObjectMeta> child) =>
        child.Metadata.DeletionTimestamp is not null || _deleted.ContainsKey(child.Metadata.Uid);

    /// <summary>The object is gone for good.</summary>
    public void Gone(string childUid)
    {
        _deleted.TryRemove(childUid, out _);
        foreach (var key in _made.Keys.Where(k => k.Child == childUid)) _made.TryRemove(key, out _);
    }
}
