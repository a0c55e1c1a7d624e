using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.Connections;

// The way of a connection before it has a protocol. What enters: sockets accepted on the two captured ports. What leaves:
// an HTTP connection handed to a Kestrel lane, or bytes spliced to where they were going. What never happens here: a look
// at a request, a decision about retries, a wait without a deadline.

/// <summary>Where a redirected connection was going before iptables sent it here.</summary>
public static class OriginalDestination
{
    // linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h: both options have number 80.
    private const int SolIp = 0;
    private const int SolIpv6 = 41;
    private const int SoOriginalDst = 80;

    /// <summary>
    /// The address before redirection; the local address when the connection was not redirected; <c>null</c> when the
    /// kernel does not track it (no conntrack entry) or the peer is gone.
    /// </summary>
    public static IPEndPoint? Of(Socket socket)
    {
        try
        {
            if (socket.RemoteEndPoint is not IPEndPoint peer) return null;
            var v4 = socket.AddressFamily == AddressFamily.InterNetwork || peer.Address.IsIPv4MappedToIPv6;
            return v4 ? ReadV4(socket) : ReadV6(socket);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static IPEndPoint ReadV4(Socket socket)
    {
        Span<byte> address = stackalloc byte[16]; // struct sockaddr_in
        socket.GetRawSocketOption(SolIp, SoOriginalDst, address);
        return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
    }

    private static IPEndPoint ReadV6(Socket socket)
    {
        Span<byte> address = stackalloc byte[28]; // struct sockaddr_in6
        socket.GetRawSocketOption(SolIpv6, SoOriginalDst, address);
        var scope = BinaryPrimitives.ReadUInt32LittleEndian(address[24..]);
        return new IPEndPoint(new IPAddress(address.Slice(8, 16), scope), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
    }
}
