using System.Globalization;
using System.Net;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Network;

/// <summary>
/// The node: one network namespace with a bridge. Pods get /32 addresses and reach everything, each other too, through the
/// node's IP stack; so the answer of a pod behind a ClusterIP passes the node again and is translated back, which a bridge
/// between pods of one subnet would skip.
/// </summary>
public sealed class NodeNetwork : IDisposable
{
    private const uint FirstPod = 10;

    private readonly Lock _lock = new();
    private readonly HashSet<uint> _taken = [];
    private uint _next = FirstPod;

    private NodeNetwork(NetworkNamespace network, AddressPlan plan)
    {
        Namespace = network;
        Plan = plan;
        Sockets = new NamespaceSockets(network);
    }

    public NetworkNamespace Namespace { get; }

    public AddressPlan Plan { get; }

    public NamespaceSockets Sockets { get; }

    public static async Task<NodeNetwork> CreateAsync(AddressPlan plan, CancellationToken cancellation)
    {
        var network = NetworkNamespace.Create();
        try
        {
            network.Run(RouterSettings);
            // The node reaches ClusterIPs too (webhooks, forwards): without any route the packet would end before its translation.
            await Tool.RequireAsync(network, ["ip", "-batch", "-"], $"""
                link set lo up
                link add mesh0 type bridge stp_state 0 forward_delay 0
                addr add {plan.Node}/{plan.Pods.Length} dev mesh0
                link set mesh0 up
                route add {plan.Services} dev mesh0

                """, cancellation);
            if (HasIPv6) await Tool.RequireAsync(network, ["ip", "addr", "add", $"{plan.NodeIPv6}/64", "dev", "mesh0", "nodad"], null, cancellation);
            return new NodeNetwork(network, plan);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A new namespace with eth0 joined to the bridge, its addresses and its default routes.</summary>
    public async Task<PodNetwork> AddPodAsync(CancellationToken cancellation)
    {
        var offset = Take();
        var address = new PodAddress(Plan.Pods.At(offset), IPAddress.Parse($"{Plan.IPv6Prefix}{offset >> 16:x}:{offset & 0xffff:x}"));
        var pod = NetworkNamespace.Create();
        try
        {
            pod.Run(PodSettings);
            var mac = "0a:58:" + string.Join(':', address.IPv4.GetAddressBytes().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            var link = $"veth{offset:x}";
            // The address is part of the MAC, so a neighbour's old entry stays right when an address is used again.
            await Tool.RequireAsync(Namespace, ["ip", "-batch", "-"], $"""
                link add {link} type veth peer name eth0 address {mac} netns {pod.Path}
                link set {link} master mesh0 up
                link set {link} type bridge_slave hairpin on

                """, cancellation);
            await Tool.RequireAsync(pod, ["ip", "-batch", "-"], PodLinks(address), cancellation);
            return new PodNetwork(pod, address, () => Release(offset));
        }
        catch
        {
            pod.Dispose();
            Release(offset);
            throw;
        }
    }

    public void Dispose() => Namespace.Dispose();

    /// <summary>A kernel started without IPv6 has pods with one address.</summary>
    public static bool HasIPv6 => Directory.Exists("/proc/sys/net/ipv6");

    private string PodLinks(PodAddress address)
    {
        var ipv4 = $"""
            link set lo up
            link set eth0 up
            addr add {address.IPv4}/32 dev eth0
            route add {Plan.Node} dev eth0 scope link
            route add default via {Plan.Node}

            """;
        return !HasIPv6 ? ipv4 : ipv4 + $"""
            addr add {address.IPv6}/128 dev eth0 nodad
            route add {Plan.NodeIPv6} dev eth0
            route add default via {Plan.NodeIPv6} dev eth0

            """;
    }

    /// <summary>Of a namespace that passes packets on; set by a thread inside it.</summary>
    internal static void RouterSettings()
    {
        Set("net/ipv4/ip_forward", "1");
        // A packet goes back out of the bridge it came from; the node must not tell pods to talk directly.
        Set("net/ipv4/conf/all/send_redirects", "0");
        Set("net/ipv4/conf/default/send_redirects", "0");
        // Where br_netfilter is loaded it would translate inside the bridge, and a pod could not reach itself by a service.
        Set("net/bridge/bridge-nf-call-iptables", "0");
        Set("net/bridge/bridge-nf-call-ip6tables", "0");
        Set("net/ipv6/conf/all/disable_ipv6", "0");
        Set("net/ipv6/conf/default/disable_ipv6", "0");
        Set("net/ipv6/conf/all/forwarding", "1");
        Set("net/ipv6/conf/default/accept_dad", "0");
    }

    private static void PodSettings()
    {
        // As container runtimes set them: no privilege is needed for port 80 or ping, and addresses are ours to give.
        Set("net/ipv4/ip_unprivileged_port_start", "0");
        Set("net/ipv4/ping_group_range", "0\t2147483647");
        Set("net/ipv6/conf/all/disable_ipv6", "0");
        Set("net/ipv6/conf/default/disable_ipv6", "0");
        Set("net/ipv6/conf/default/accept_dad", "0");
        Set("net/ipv6/conf/default/accept_ra", "0");
    }

    private static void Set(string name, string value)
    {
        var path = "/proc/sys/" + name;
        if (File.Exists(path)) File.WriteAllText(path, value);
    }

    /// <summary>Addresses are handed out in turn, so one just freed is not at once another pod's.</summary>
    private uint Take()
    {
        lock (_lock)
        {
            for (var tries = Plan.Pods.Size; tries > 0; tries--)
            {
                var candidate = _next;
                _next = _next + 1 >= Plan.Pods.Size - 1 ? FirstPod : _next + 1;
                if (_taken.Add(candidate)) return candidate;
            }
        }

        throw new IOException($"no address is left in {Plan.Pods}");
    }

    private void Release(uint offset)
    {
        lock (_lock) _taken.Remove(offset);
    }
}
