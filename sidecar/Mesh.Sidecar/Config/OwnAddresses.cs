using System.Net;
using System.Net.NetworkInformation;

namespace Mesh.Sidecar.Config;

/// <summary>Addresses that a name somebody else answers for must not lead a connection to.</summary>
internal static class OwnAddresses
{
    /// <summary>
    /// Whether a connection to this address would come back to this pod, or go nowhere: its own addresses and loopback, no
    /// address at all, multicast, and the reserved network of which services are given addresses that mean something within
    /// pods only.
    /// </summary>
    public static bool Contain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast) return true;
        Span<byte> bytes = stackalloc byte[16];
        if (address.TryWriteBytes(bytes, out var length) && length == 4 && bytes[0] is 0 or >= 224) return true;
        return NetworkInterface.GetAllNetworkInterfaces().SelectMany(own => own.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));
    }
}
