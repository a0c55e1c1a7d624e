using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// The PROXY protocol's header: what a connection's first bytes say of the connection it was opened for
/// (haproxy.org/download/3.0/doc/proxy-protocol.txt).
/// </summary>
public sealed class ProxyHeader
{
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    private ProxyHeader(ProxyProtocolVersion version, IPEndPoint? source, IPEndPoint? destination)
    {
        // Both are written in one family.
        if (source is not null && destination is not null && source.AddressFamily != destination.AddressFamily)
            (source, destination) = (new IPEndPoint(source.Address.MapToIPv6(), source.Port), new IPEndPoint(destination.Address.MapToIPv6(), destination.Port));
        Bytes = version == ProxyProtocolVersion.V1 ? Text(source, destination) : Binary(source, destination);
        Name = source is null || destination is null ? "nobody" : $"{NameOf(source)}.{NameOf(destination)}";
    }

    /// <summary>What is sent first.</summary>
    public byte[] Bytes { get; }

    /// <summary>The same as a host's name: connections are kept apart by it.</summary>
    public string Name { get; }

    /// <summary>The header of a connection to a cluster; <c>null</c> where it wants none.</summary>
    /// <param name="version">What it wants.</param>
    /// <param name="source">Who opened the connection that this one is for; <c>null</c>: the proxy itself.</param>
    /// <param name="destination">Where that one was going.</param>
    public static ProxyHeader? For(ProxyProtocolVersion? version, IPEndPoint? source, IPEndPoint? destination) =>
        version is { } wanted ? new ProxyHeader(wanted, source, destination) : null;

    private static byte[] Text(IPEndPoint? source, IPEndPoint? destination) => source is null || destination is null
        ? "PROXY UNKNOWN\r\n"u8.ToArray()
        : Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"PROXY {(source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6")} {Plain(source)} {Plain(destination)} {source.Port} {destination.Port}\r\n"));

    private static byte[] Binary(IPEndPoint? source, IPEndPoint? destination)
    {
        if (source is null || destination is null) return [.. Signature, 0x20, 0x00, 0x00, 0x00]; // LOCAL, of no family
        var (from, to) = (source.Address.GetAddressBytes(), destination.Address.GetAddressBytes());
        byte[] header = [.. Signature, 0x21, (byte)(from.Length == 4 ? 0x11 : 0x21), 0, (byte)((2 * from.Length) + 4), .. from, .. to, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 4), (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 2), (ushort)destination.Port);
        return header;
    }

    private static string NameOf(IPEndPoint at) => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(at.Address.GetAddressBytes())}-{at.Port}");

    // A zone means something on this machine only.
    private static IPAddress Plain(IPEndPoint at) => at.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(at.Address.GetAddressBytes()) : at.Address;
}
