namespace Mesh.Config;

/// <summary>A copy of requests is sent there too; what comes back is thrown away.</summary>
public sealed record Mirror
{
    /// <summary>Name of a <see cref="Cluster"/>.</summary>
    public required string Cluster { get; init; }

    /// <summary>Percent of requests, 0 to 100. Default 100.</summary>
    public double Percent { get; init; } = 100;
}
