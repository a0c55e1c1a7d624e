namespace Mesh.Api;

/// <summary>The shortest duration a field takes, e.g. <c>1ms</c>; the API server checks it too.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtLeastAttribute(string duration) : Attribute
{
    /// <summary>The least value, as text.</summary>
    public string Duration { get; } = duration;
}
