namespace Mesh.Config;

/// <summary>One port the application is known to serve.</summary>
public sealed record InboundPort
{
    /// <summary>Port the application listens on (the Service's target port).</summary>
    public required int Port { get; init; }

    /// <summary>What is spoken; anything but <see cref="AppProtocol.Auto"/> skips detection.</summary>
    public AppProtocol Protocol { get; init; } = AppProtocol.Auto;

    /// <summary>FQDN of the Service the port belongs to, for telemetry; empty when none does.</summary>
    public string Service { get; init; } = "";

    /// <summary>Name of that Service.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>Namespace of that Service.</summary>
    public string ServiceNamespace { get; init; } = "";

    /// <summary>Port of that Service.</summary>
    public int ServicePort { get; init; }

    /// <summary>
    /// Address at which the sidecar itself listens on this port, for connections that nobody captures; <c>0.0.0.0</c> is every
    /// address. Needs an <see cref="Endpoint"/>. Default: it does not.
    /// </summary>
    public string? Bind { get; init; }

    /// <summary>
    /// Where the application takes connections: <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, a socket <c>unix:///run/app.sock</c>
    /// or an abstract one <c>unix://@app</c>. Default: where the connection was going.
    /// </summary>
    public string? Endpoint { get; init; }

    /// <summary>Limits on connections and requests to the application at this port. Default: none.</summary>
    public ConnectionPool? Pool { get; init; }

    /// <summary>Limit for opening a connection to the application. Default 10 s.</summary>
    public TimeSpan? ConnectTimeout { get; init; }
}
