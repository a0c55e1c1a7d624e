using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>One member of a pool.</summary>
public sealed record Endpoint
{
    /// <summary>IPv4 or IPv6 address; a socket (<see cref="UnixAddress"/>); a name where the cluster resolves its members (<see cref="Discovery.Dns"/>).</summary>
    public required string Address { get; init; }

    /// <summary>Port; of a socket the one it stands for.</summary>
    public required int Port { get; init; }

    /// <summary>Share relative to the others. Default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Pod name, for telemetry and <c>mesh status</c>; empty when unknown.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Workload name, for telemetry; empty when unknown.</summary>
    public string Workload { get; init; } = "";

    /// <summary>Namespace of the workload, for telemetry.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Service account the member runs as; with <see cref="Namespace"/> and the trust domain its SPIFFE id. Empty when unknown.</summary>
    public string ServiceAccount { get; init; } = "";

    /// <summary>The member's sidecar takes mutual TLS of the mesh on this port. Default false: clear text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MutualTls { get; init; }

    /// <summary>Region; empty when unknown.</summary>
    public string Region { get; init; } = "";

    /// <summary>Zone; empty when unknown.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Part of the zone; empty when unknown.</summary>
    public string SubZone { get; init; } = "";

    /// <summary>The member's labels, only those keys that some subset or telemetry (app, version) asks for.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
