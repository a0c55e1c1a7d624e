using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>What arrives for the application: one entry per declared port; other ports are passed through to the application.</summary>
public sealed record InboundConfig
{
    /// <summary>Ports that a Service or the pod declares.</summary>
    public ImmutableArray<InboundPort> Ports { get; init; } = [];
}

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
}

/// <summary>The protocol of a port, by appProtocol, port name or well-known number.</summary>
public enum AppProtocol
{
    /// <summary>Undeclared: HTTP/1, HTTP/2 and TLS are detected; silence or anything else is opaque TCP.</summary>
    Auto,

    /// <summary>HTTP/1.1 (an HTTP/2 preface is accepted too).</summary>
    Http,

    /// <summary>HTTP/2 without TLS, gRPC included.</summary>
    Http2,

    /// <summary>TLS, passed through; the SNI chooses the route.</summary>
    Tls,

    /// <summary>Opaque bytes; the server may speak first.</summary>
    Tcp,
}
