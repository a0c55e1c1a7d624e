namespace Mesh.Api.Networking;

/// <summary>Where the load of callers in one locality goes.</summary>
public sealed record LocalityDistribute
{
    /// <summary>Locality of the callers: <c>REGION/ZONE/SUBZONE</c>, the end may be <c>*</c>.</summary>
    public string? From { get; init; }

    /// <summary>Localities and their share in percent; the sum is 100.</summary>
    public IReadOnlyDictionary<string, int> To { get; init; } = new Dictionary<string, int>();
}
