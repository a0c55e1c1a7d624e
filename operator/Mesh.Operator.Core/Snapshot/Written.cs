namespace Mesh.Operator.Core.Snapshot;

/// <summary>A part of the mesh-wide settings as it was written: equal if the text is, whatever lists it is made of.</summary>
public sealed class Written<T>(T value, string text) : IEquatable<Written<T>>
    where T : class
{
    public T Value => value;

    private string Text => text;

    public bool Equals(Written<T>? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as Written<T>);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
