using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>
/// Names the proxy's DNS server (port 15053) answers by itself; all others it asks the pod's own name servers. Names are
/// lower-case and complete, without a last dot; the proxy applies the pod's search list.
/// </summary>
public sealed record DnsTable
{
    /// <summary>The names, ordered.</summary>
    public ImmutableArray<DnsName> Names { get; init; } = [];
}
