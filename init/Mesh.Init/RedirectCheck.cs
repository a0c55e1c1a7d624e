using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mesh.Init;

/// <summary>
/// Proves loaded rules by connections: this process listens where the sidecar will, connects to an address that nobody
/// answers, and must find itself at the other end with that address as the original destination.
/// </summary>
public sealed class RedirectCheck(InitOptions options, TextWriter log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly int[] CandidatePorts = [80, 443, 8080, 9080, 12345];

    /// <summary>Throws where the rules are not there or do not redirect.</summary>
    public void Verify(IpFamily family, SavedRules saved)
    {
        DemandRules(family, saved);
        VerifyOutbound(family);
        VerifyInbound(family);
    }

    /// <summary>
    /// What passes PREROUTING comes from outside, and nobody outside can be asked from in here: so that our jumps are where
    /// they belong is read back from the kernel.
    /// </summary>
    private void DemandRules(IpFamily family, SavedRules saved)
    {
        foreach (var table in RedirectRules.For(options, family).Tables)
            foreach (var rule in table.Rules.Where(rule => rule.StartsWith("-A PREROUTING", StringComparison.Ordinal)
                || rule.StartsWith("-A OUTPUT", StringComparison.Ordinal)))
                if (saved.Of(table.Table).Count(line => line == rule) != 1)
                    throw new InitFailure(InitFailure.NotApplied, $"the rules were loaded, but '{rule}' is not in the {table.Table} table exactly once");
    }

    private void VerifyOutbound(IpFamily family)
    {
        if (OutboundTarget(family) is not { } target)
        {
            log.WriteLine($"{family}: no captured destination that this pod has a route to; outbound redirection not tried");
            return;
        }
        var port = options.OutboundPort;
        using var listener = Listen(family, Loopback(family), port);
        if (listener is null) return;
        Connect(listener, target, $"an outbound connection to {target} did not arrive at port {port}");
        log.WriteLine($"{family}: {target} redirected to port {port}");
    }

    /// <summary>
    /// A connection of the sidecar's user to the pod's own address takes the inbound rules. To make a socket as that user
    /// takes SETUID, which the container seldom has: then the read-back above has to do.
    /// </summary>
    private void VerifyInbound(IpFamily family)
    {
        if (options.IncludeInboundPorts is { IsEmpty: true } || options.Uids.IsEmpty || OwnAddress(family) is not { } address) return;
        using var socket = ProxyUserSocket.Create(family, options.Uids[0]);
        if (socket is null) return;
        using var listener = Listen(family, family == IpFamily.V4 ? IPAddress.Any : IPAddress.IPv6Any, options.InboundPort);
        if (listener is null) return;
        var target = new IPEndPoint(address, CandidatePorts[^1]);
        Connect(listener, target, $"a connection to the pod's own address {target} did not arrive at port {options.InboundPort}", socket);
        log.WriteLine($"{family}: {target} redirected to port {options.InboundPort}");
    }

    private static void Connect(Socket listener, IPEndPoint target, string failure, Socket? given = null)
    {
        using var client = given is null ? new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : null;
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            (given ?? client!).ConnectAsync(target, deadline.Token).AsTask().GetAwaiter().GetResult();
            using var accepted = listener.AcceptAsync(deadline.Token).AsTask().GetAwaiter().GetResult();
            var original = OriginalDestination(accepted);
            if (!original.Equals(target)) throw new InitFailure(InitFailure.NotApplied, $"{failure}: its original destination reads {original}");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new InitFailure(InitFailure.NotApplied, $"{failure} ({e.Message}). The rules are loaded; does the kernel have xt_REDIRECT and xt_owner?");
        }
    }

    /// <summary>Null where something already listens there: the sidecar runs, and its connections are not ours to take.</summary>
    private Socket? Listen(IpFamily family, IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6) listener.DualMode = false;
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(1);
            return listener;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            listener.Dispose();
            log.WriteLine($"{family}: port {port} is in use, so the sidecar runs already; redirection not tried");
            return null;
        }
    }

    /// <summary>An address and port the rules capture and the kernel has a route for; nothing is ever sent to it.</summary>
    private IPEndPoint? OutboundTarget(IpFamily family)
    {
        var ports = options.IncludeOutboundPorts.Concat(CandidatePorts).Where(port => !options.ExcludeOutboundPorts.Contains(port)).ToList();
        foreach (var address in CandidateAddresses(family))
        {
            if (options.ExcludeOutboundRanges.Any(range => range.Contains(address)) || !HasRoute(address)) continue;
            var captured = options.IncludeOutboundRanges is null || options.IncludeOutboundRanges.Value.Any(range => range.Contains(address));
            foreach (var port in ports)
                if (captured || options.IncludeOutboundPorts.Contains(port))
                    return new IPEndPoint(address, port);
        }
        return null;
    }

    private IEnumerable<IPAddress> CandidateAddresses(IpFamily family)
    {
        var wanted = family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        // Addresses kept for documentation: even where a rule fails, no one's server is called.
        yield return IPAddress.Parse(family == IpFamily.V4 ? "192.0.2.1" : "2001:db8::1");
        foreach (var range in options.IncludeOutboundRanges ?? [])
            if (range.BaseAddress.AddressFamily == wanted && Neighbour(range.BaseAddress) is { } address)
                yield return address;
        if (OwnAddress(family) is { } own && Neighbour(own) is { } neighbour) yield return neighbour;
    }

    private static IPAddress? Neighbour(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[^1] ^= 1;
        var neighbour = new IPAddress(bytes);
        return IPAddress.IsLoopback(neighbour) ? null : neighbour;
    }

    /// <summary>Connecting a datagram socket asks the routing table and sends nothing. A route by loopback is not captured.</summary>
    private static bool HasRoute(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(address, 9);
            return socket.LocalEndPoint is IPEndPoint local && !IPAddress.IsLoopback(local.Address) && !local.Address.Equals(address);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPAddress? OwnAddress(IpFamily family)
    {
        var wanted = family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(device => device.NetworkInterfaceType != NetworkInterfaceType.Loopback && device.Name != "lo")
            .SelectMany(device => device.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == wanted && !address.IsIPv6LinkLocal);
    }

    private static IPAddress Loopback(IpFamily family) => family == IpFamily.V4 ? IPAddress.Loopback : IPAddress.IPv6Loopback;

    /// <summary>SO_ORIGINAL_DST (linux/netfilter_ipv4.h) and IP6T_SO_ORIGINAL_DST: a sockaddr, port in network order.</summary>
    private static IPEndPoint OriginalDestination(Socket accepted)
    {
        var ipv6 = accepted.AddressFamily == AddressFamily.InterNetworkV6;
        Span<byte> address = stackalloc byte[28];
        accepted.GetRawSocketOption(ipv6 ? 41 : 0, 80, address);
        var port = (address[2] << 8) | address[3];
        return new IPEndPoint(new IPAddress(ipv6 ? address.Slice(8, 16) : address.Slice(4, 4)), port);
    }
}
