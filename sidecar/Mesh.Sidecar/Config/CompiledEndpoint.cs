using System.Net;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>One member of a pool: what config says about it, and its live state.</summary>
/// <param name="Config">As told.</param>
/// <param name="Address">Where it listens: address and port, or a socket.</param>
/// <param name="State">Counters, shared between snapshots.</param>
public sealed record CompiledEndpoint(Mesh.Config.Endpoint Config, EndPoint Address, EndpointState State)
{
    /// <summary>Share relative to the others; at least 1.</summary>
    public int Weight => Config.Weight;
}
