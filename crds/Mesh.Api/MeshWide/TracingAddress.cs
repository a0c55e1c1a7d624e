namespace Mesh.Api.MeshWide;

/// <summary>Where traces are sent.</summary>
public sealed record TracingAddress
{
    /// <summary>HOST:PORT.</summary>
    public string? Address { get; init; }
}
