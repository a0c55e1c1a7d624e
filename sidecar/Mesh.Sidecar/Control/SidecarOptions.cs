using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.DnsProxy;

namespace Mesh.Sidecar.Control;

/// <summary>What the process is told at its start (environment); everything else comes with its config.</summary>
public sealed record SidecarOptions
{
    /// <summary>Where the config is mounted: <c>MESH_CONFIG_DIR</c>.</summary>
    public string ConfigDirectory { get; init; } = WellKnown.ConfigDirectory;

    /// <summary>Where the roots are mounted: <c>MESH_TRUST_DIR</c>.</summary>
    public string TrustDirectory { get; init; } = WellKnown.TrustDirectory;

    /// <summary>Where credentials are mounted: <c>MESH_CREDENTIALS_DIR</c>.</summary>
    public string CredentialsDirectory { get; init; } = WellKnown.CredentialsDirectory;

    /// <summary>The sidecar's own directory, on tmpfs, which outlives the container: <c>MESH_DATA_DIR</c>.</summary>
    public string DataDirectory { get; init; } = WellKnown.DataDirectory;

    /// <summary>The projected token that is shown to the operator: <c>MESH_TOKEN_FILE</c>.</summary>
    public string TokenFile { get; init; } = WellKnown.TokenFile;

    /// <summary><c>POD_UID</c>, from the downward API; empty when unknown.</summary>
    public string PodUid { get; init; } = "";

    /// <summary><c>POD_NAME</c>.</summary>
    public string PodName { get; init; } = "";

    /// <summary><c>POD_NAMESPACE</c>.</summary>
    public string Namespace { get; init; } = "";

    /// <summary><c>SERVICE_ACCOUNT</c>; a certificate for another one is not taken. Empty when unknown: any is.</summary>
    public string ServiceAccount { get; init; } = "";

    /// <summary><c>INSTANCE_IP</c>: the pod's address, where the application's probes are asked.</summary>
    public string PodAddress { get; init; } = "";

    /// <summary><c>MESH_APP_PROBES</c>: the probes and hooks that the injector turned to the sidecar, a JSON object from path to probe; see <see cref="Probes.AppProbe"/>.</summary>
    public string AppProbes { get; init; } = "";

    /// <summary><c>MESH_APP_METRICS</c>: where the application's metrics are, a JSON object with port, path and scheme; see <see cref="Scraping.AppScrape"/>.</summary>
    public string AppMetrics { get; init; } = "";

    /// <summary><c>MESH_LOG_LEVEL</c>: verbose, debug, information, warning, error.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary><c>MESH_TERMINATION_DRAIN_DURATION</c>: how long requests in flight may take after SIGTERM; <c>null</c>: as the mesh says.</summary>
    public TimeSpan? DrainDuration { get; init; }

    /// <summary><c>EXIT_ON_ZERO_ACTIVE_CONNECTIONS</c>: after SIGTERM it ends when no connection is open, however long that takes.</summary>
    public bool ExitsOnZeroConnections { get; init; }

    /// <summary><c>MINIMUM_DRAIN_DURATION</c>: so long it waits then at least, for connections that are yet to come.</summary>
    public TimeSpan MinimumDrainDuration { get; init; } = TimeSpan.FromSeconds(5);

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

    /// <summary>The control session, by mutual TLS only.</summary>
    public int ControlPort { get; init; } = WellKnown.ControlPort;

    /// <summary>The pod's name server, on loopback.</summary>
    public int DnsPort { get; init; } = WellKnown.DnsPort;

    /// <summary>Whom the pod's programs would ask for names, and what they append to them: the file <c>MESH_RESOLV_CONF</c>, default /etc/resolv.conf.</summary>
    public ResolvConf Resolver { get; init; } = ResolvConf.Empty;

    /// <summary>The seam of the tests whose directory lies on a disk: whether a key may be kept in this directory.</summary>
    public Func<string, bool> HoldsKeys { get; init; } = Identity.KeptIdentity.IsMemory;

    /// <summary>The seam of the tests that run without iptables: how a connection's original destination is found.</summary>
    public Func<Socket, IPEndPoint?> OriginalDestination { get; init; } = Connections.OriginalDestination.Of;

    /// <summary>The seam of the tests that know names of their own: how names are looked up.</summary>
    public DnsPools.Resolver LookUp { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>The seam of the tests whose servers are on loopback: addresses that a name asked for by a request must not have.</summary>
    public Func<IPAddress, bool> LeadsBack { get; init; } = OwnAddresses.Contain;

    /// <summary>Reads the environment of an injected container.</summary>
    public static SidecarOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new SidecarOptions();
        return defaults with
        {
            ConfigDirectory = Or("MESH_CONFIG_DIR", defaults.ConfigDirectory),
            TrustDirectory = Or("MESH_TRUST_DIR", defaults.TrustDirectory),
            CredentialsDirectory = Or("MESH_CREDENTIALS_DIR", defaults.CredentialsDirectory),
            DataDirectory = Or("MESH_DATA_DIR", defaults.DataDirectory),
            TokenFile = Or("MESH_TOKEN_FILE", defaults.TokenFile),
            PodUid = variable("POD_UID") ?? "",
            PodName = variable("POD_NAME") ?? "",
            Namespace = variable("POD_NAMESPACE") ?? "",
            ServiceAccount = variable("SERVICE_ACCOUNT") ?? "",
            PodAddress = variable("INSTANCE_IP") ?? "",
            AppProbes = variable("MESH_APP_PROBES") ?? "",
            AppMetrics = variable("MESH_APP_METRICS") ?? "",
            Resolver = ResolvConf.OfContainer(Or("MESH_RESOLV_CONF", "/etc/resolv.conf")),
            LogLevel = Or("MESH_LOG_LEVEL", defaults.LogLevel),
            DrainDuration = Seconds("MESH_TERMINATION_DRAIN_DURATION"),
            ExitsOnZeroConnections = variable("EXIT_ON_ZERO_ACTIVE_CONNECTIONS") == "true",
            MinimumDrainDuration = Seconds("MINIMUM_DRAIN_DURATION") ?? defaults.MinimumDrainDuration,
        };

        TimeSpan? Seconds(string name) =>
            variable(name) is [.., 's'] text && double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

        string Or(string name, string otherwise) => variable(name) is { Length: > 0 } value ? value : otherwise;
    }
}
