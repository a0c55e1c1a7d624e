namespace Mesh.Config;

/// <summary>What a member is asked.</summary>
public enum HealthProbe
{
    /// <summary>An HTTP request, answered with an expected status.</summary>
    Http,

    /// <summary>A connection that comes about.</summary>
    Tcp,

    /// <summary>The standard gRPC health service, answered with SERVING.</summary>
    Grpc,
}
