using System.Collections.Frozen;
using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Objects;

/// <summary>Whole objects by their kind, for what the snapshot leaves out: containers, annotations, Secrets, Deployments.</summary>
public sealed class ClusterObjects
{
    /// <summary>Nothing is known but the snapshot.</summary>
    public static readonly ClusterObjects None = new([], isWhole: true);

    private readonly FrozenDictionary<Type, ImmutableArray<IKubernetesObject<V1ObjectMeta>>> byType;

    private readonly FrozenSet<Type> unlisted;

    private ClusterObjects(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects, bool isWhole, params ReadOnlySpan<Type> unlisted)
    {
        this.unlisted = FrozenSet.Create(unlisted);
        byType = objects.GroupBy(read => read.GetType()).ToFrozenDictionary(group => group.Key, group => Ordered(group));
        IsWhole = isWhole;
    }

    /// <summary>These are all there are. Files are not: what runs, and what else is there, is not known from them.</summary>
    public bool IsWhole { get; }

    /// <summary>When these were looked at, for certificates that end; null: nobody looked at a clock.</summary>
    public DateTimeOffset? Now { get; private init; }

    /// <summary>The same at a moment.</summary>
    public ClusterObjects At(DateTimeOffset now) => new(byType.Values.SelectMany(group => group), IsWhole, [.. unlisted]) { Now = now };

    /// <param name="objects">All of every kind that could be listed.</param>
    /// <param name="unlisted">Kinds that could not be, for want of rights.</param>
    public static ClusterObjects OfCluster(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects, params ReadOnlySpan<Type> unlisted) => new(objects, isWhole: true, unlisted);

    public static ClusterObjects OfFiles(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects) => new(objects, isWhole: false);

    /// <summary>All of a kind, by namespace and name.</summary>
    public IEnumerable<T> Of<T>()
        where T : IKubernetesObject<V1ObjectMeta> => byType.TryGetValue(typeof(T), out var objects) ? objects.Cast<T>() : [];

    /// <summary>Whether it is known which objects of this kind there are; without that nobody may say that one is missing.</summary>
    public bool Knows<T>()
        where T : IKubernetesObject<V1ObjectMeta> => !unlisted.Contains(typeof(T));

    /// <summary>The snapshot that the operator would have of a cluster with these objects; what Deployments would start stands in for it in files.</summary>
    public MeshSnapshot Snapshot()
    {
        var objects = byType.Values.SelectMany(group => group);
        var snapshot = objects.Aggregate(MeshSnapshot.Empty, (held, read) => held.PutAny(read));
        return IsWhole ? snapshot : StandIns.For(this).Aggregate(snapshot, (held, read) => held.PutAny(read));
    }

    // Of an object that is given twice the last counts, as when both are applied.
    private static ImmutableArray<IKubernetesObject<V1ObjectMeta>> Ordered(IEnumerable<IKubernetesObject<V1ObjectMeta>> group) =>
    [
        .. group.GroupBy(read => FromKubernetes.KeyOf(read.Metadata)).OrderBy(same => same.Key).Select(same => same.Last()),
    ];
}
