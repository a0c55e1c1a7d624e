namespace Mesh.Config;

/// <summary>The answer of a route that cannot be carried out.</summary>
public sealed record BrokenRoute
{
    /// <summary>Status code.</summary>
    public required int Status { get; init; }

    /// <summary>One sentence for response body and log.</summary>
    public required string Message { get; init; }
}
