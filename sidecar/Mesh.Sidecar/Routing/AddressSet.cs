using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Addresses and networks that a route is limited to; none written means every address.</summary>
public sealed class AddressSet(IEnumerable<string> ranges)
{
    private readonly ImmutableArray<IPNetwork> networks =
        [.. ranges.Select(text => AddressRange.TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is no address range"))];

    /// <summary>Whether the address is among them.</summary>
    public bool Contains(IPAddress address)
    {
        if (networks.IsEmpty) return true;
        foreach (var network in networks)
        {
            if (network.Contains(address)) return true;
        }

        return false;
    }
}
