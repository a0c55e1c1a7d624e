using System.Collections.Immutable;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Labels (or a selector of labels) of an object, equal by content and ordered by key.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    public static readonly LabelSet Empty = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    private LabelSet(ImmutableSortedDictionary<string, string> values) => Values = values;

    public ImmutableSortedDictionary<string, string> Values { get; }

    public bool IsEmpty => Values.IsEmpty;

    public string? this[string key] => Values.GetValueOrDefault(key);

    public static LabelSet Of(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        if (labels is null) return Empty;
        var values = labels.ToImmutableSortedDictionary(StringComparer.Ordinal);
        return values.IsEmpty ? Empty : new LabelSet(values);
    }

    /// <summary>Whether an object with these labels carries every label of <paramref name="selector"/>.</summary>
    public bool Satisfies(LabelSet selector)
    {
        foreach (var (key, value) in selector.Values)
            if (!Values.TryGetValue(key, out var own) || own != value) return false;
        return true;
    }

    public bool Equals(LabelSet? other) =>
        ReferenceEquals(this, other) || (other is not null && Values.Count == other.Values.Count && Values.SequenceEqual(other.Values));

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in Values)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(',', Values.Select(label => $"{label.Key}={label.Value}"));
}
