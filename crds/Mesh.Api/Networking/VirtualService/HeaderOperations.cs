namespace Mesh.Api.Networking;

/// <summary>Changes to headers: first remove, then set, then add.</summary>
public sealed record HeaderOperations
{
    /// <summary>Headers to overwrite, name to value. <c>Host</c> here (requests only) acts like <c>rewrite.authority</c>.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>Values to append.</summary>
    public IReadOnlyDictionary<string, string> Add { get; init; } = new Dictionary<string, string>();

    /// <summary>Headers to take away.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];
}
