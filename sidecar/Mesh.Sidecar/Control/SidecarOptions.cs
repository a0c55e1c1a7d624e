using System.Net;
using System.Net.Sockets;
using Mesh.Config;

namespace Mesh.Sidecar.Control;

/// <summary>What the process is told at its start (environment); everything else comes with its config.</summary>
public sealed record SidecarOptions
{
    /// <summary>Where the config is mounted: <c>MESH_CONFIG_DIR</c>.</summary>
    public string ConfigDirectory { get; init; } = WellKnown.ConfigDirectory;

    /// <summary><c>POD_UID</c>, from the downward API; empty when unknown.</summary>
    public string PodUid { get; init; } = "";

    /// <summary><c>POD_NAME</c>.</summary>
    public string PodName { get; init; } = "";

    /// <summary><c>MESH_LOG_LEVEL</c>: verbose, debug, information, warning, error.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary>Captured outbound connections.</summary>
    public int OutboundPort { get; init; } = WellKnown.OutboundPort;

    /// <summary>Captured inbound connections.</summary>
    public int InboundPort { get; init; } = WellKnown.InboundPort;

    /// <summary>Admin interface, on loopback.</summary>
    public int AdminPort { get; init; } = WellKnown.AdminPort;

    /// <summary>Metrics and report.</summary>
    public int StatusPort { get; init; } = WellKnown.StatusPort;

    /// <summary>Readiness.</summary>
    public int ReadinessPort { get; init; } = WellKnown.ReadinessPort;

    /// <summary>The seam of the tests that run without iptables: how a connection's original destination is found.</summary>
    public Func<Socket, IPEndPoint?> OriginalDestination { get; init; } = Connections.OriginalDestination.Of;

    /// <summary>Reads the environment of an injected container.</summary>
    public static SidecarOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new SidecarOptions();
        return defaults with
        {
            ConfigDirectory = variable("MESH_CONFIG_DIR") is { Length: > 0 } directory ? directory : defaults.ConfigDirectory,
            PodUid = variable("POD_UID") ?? "",
            PodName = variable("POD_NAME") ?? "",
            LogLevel = variable("MESH_LOG_LEVEL") is { Length: > 0 } level ? level : defaults.LogLevel,
        };
    }
}
