namespace Mesh.Api.Networking;

/// <summary>The standard gRPC health service.</summary>
public sealed record GrpcProbe
{
    /// <summary>Port.</summary>
    [CelRule("0 < self && self <= 65535", "port must be between 1-65535")]
    public long? Port { get; init; }

    /// <summary>Service asked for. Default: the server as a whole.</summary>
    public string? Service { get; init; }
}
