namespace Mesh.Api;

/// <summary>How a kind is known to the API server beside its group and plural name: short name, categories, served versions.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute(string shortName, string versions, string categories) : Attribute
{
    /// <summary>What one types instead of the plural name: <c>vs</c>; empty when there is no short name.</summary>
    public string ShortName { get; } = shortName;

    /// <summary>Served versions, newest first; the first is the stored one. All have the same schema.</summary>
    public IReadOnlyList<string> Versions { get; } = versions.Split(' ');

    /// <summary>Groups of kinds <c>kubectl get</c> understands: <c>kubectl get mesh</c>.</summary>
    public IReadOnlyList<string> Categories { get; } = categories.Split(' ');

    /// <summary>Whether an object without a spec is refused. Default true.</summary>
    public bool SpecRequired { get; init; } = true;
}
