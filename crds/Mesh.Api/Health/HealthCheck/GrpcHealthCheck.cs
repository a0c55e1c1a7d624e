namespace Mesh.Api.Health;

/// <summary>A question to the standard gRPC health service, answered with SERVING.</summary>
public sealed record GrpcHealthCheck
{
    /// <summary>Service asked for. Default: the server as a whole.</summary>
    public string? Service { get; init; }
}
