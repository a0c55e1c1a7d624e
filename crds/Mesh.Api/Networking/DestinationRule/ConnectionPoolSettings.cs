namespace Mesh.Api.Networking;

/// <summary>Limits; each proxy keeps them for itself, so the service sees them times its callers.</summary>
public sealed record ConnectionPoolSettings
{
    /// <summary>Limits of connections, for HTTP and TCP.</summary>
    public TcpSettings? Tcp { get; init; }

    /// <summary>Limits of HTTP requests.</summary>
    public HttpSettings? Http { get; init; }
}
