using System.Net;
using System.Net.Sockets;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Connections;

/// <summary>What is known of a captured connection; travels as a connection feature to every request on it.</summary>
public sealed class CapturedConnection
{
    /// <summary>Which way it goes.</summary>
    public required Direction Direction { get; init; }

    /// <summary>Where it was going before it was captured; the sidecar's own place where it <see cref="IsAddressed"/>.</summary>
    public required IPEndPoint OriginalDestination { get; init; }

    /// <summary>The client addressed the sidecar itself and not its destination, which is not known then.</summary>
    public bool IsAddressed { get; init; }

    /// <summary>Who opened it.</summary>
    public required IPEndPoint Peer { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Arrived { get; init; }

    /// <summary>Server name of its ClientHello; empty without TLS.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>Who the peer is, proved by mutual TLS of the mesh; <c>null</c> in clear text.</summary>
    public MutualTlsPeer? MutualTls { get; set; }

    /// <summary>The peer's identity; <c>null</c> in clear text.</summary>
    public SpiffeId? PeerIdentity => MutualTls?.Id;

    /// <summary>Reads the facts off an accepted socket.</summary>
    public static CapturedConnection Of(Socket socket, Direction direction, IPEndPoint originalDestination, DateTimeOffset arrived, bool isAddressed = false) => new()
    {
        IsAddressed = isAddressed,
        Direction = direction,
        Arrived = arrived,
        OriginalDestination = Unmapped(originalDestination),
        Peer = Unmapped(socket.RemoteEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.None, 0)),
    };

    // The listeners are dual-mode: IPv4 peers show up as ::ffff:a.b.c.d, which no route, log or dial means.
    private static IPEndPoint Unmapped(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
