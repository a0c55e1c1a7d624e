using Mesh.Api;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>An object of the mesh's API: what identifies it, its age, and its spec. Status never enters the snapshot.</summary>
public sealed record Rule<TSpec>
    where TSpec : class
{
    public required RuleKey Key { get; init; }

    public string Uid { get; init; } = "";

    public long Generation { get; init; }

    public DateTime Created { get; init; }

    /// <summary>What its annotation says of retries (<see cref="MeshLabels.Retries"/>); empty without.</summary>
    public string Retries { get; init; } = "";

    /// <summary>The spec, never changed once it is here.</summary>
    public required TSpec Spec { get; init; }

    /// <summary>The spec as JSON: tells whether an event changed anything.</summary>
    public required string SpecJson { get; init; }

    public string Namespace => Key.Object.Namespace;

    public string Name => Key.Object.Name;

    public bool Equals(Rule<TSpec>? other) =>
        other is not null && Key == other.Key && Uid == other.Uid && Generation == other.Generation
        && Created == other.Created && Retries == other.Retries && SpecJson == other.SpecJson;

    public override int GetHashCode() => HashCode.Combine(Key, Uid, Generation);

    /// <summary>The older first; of the same age by name, then namespace.</summary>
    public static int CompareByAge(Rule<TSpec> a, Rule<TSpec> b)
    {
        var byAge = a.Created.CompareTo(b.Created);
        if (byAge != 0) return byAge;
        var byName = string.CompareOrdinal(a.Name, b.Name);
        return byName != 0 ? byName : string.CompareOrdinal(a.Namespace, b.Namespace);
    }
}
