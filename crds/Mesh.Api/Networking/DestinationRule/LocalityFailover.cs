namespace Mesh.Api.Networking;

/// <summary>The region that takes over when another fails.</summary>
public sealed record LocalityFailover
{
    /// <summary>Region that fails.</summary>
    public string? From { get; init; }

    /// <summary>Region that takes over.</summary>
    public string? To { get; init; }
}
