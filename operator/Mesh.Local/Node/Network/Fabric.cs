using System.Collections.Immutable;
using System.Net;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Network;

/// <summary>
/// The control plane's place and the nodes' networks. One node carries the control plane itself. Several have cables (veths)
/// to a namespace of the control plane's own, which routes between them: what one node sends another passes its uplink, and
/// a cable that is pulled cuts a node off from the others and from the API server alike.
/// </summary>
public sealed class Fabric : IDisposable
{
    /// <summary>A node's end of its cable.</summary>
    public const string Uplink = "uplink";

    /// <summary>A cable's ends: IPv6 neighbours answer only for addresses of the link itself.</summary>
    private const string ControlEnd = "fe80::1";
    private const string NodeEnd = "fe80::2";

    private readonly NetworkNamespace? _own;

    private Fabric(AddressPlan plan, NetworkNamespace? own, ImmutableArray<NodeNetwork> nodes)
    {
        (Plan, _own, Nodes) = (plan, own, nodes);
        Control = own ?? nodes[0].Namespace;
        Address = own is null ? nodes[0].Plan.Node : plan.Part(AddressPlan.MostNodes).Node;
        Sockets = new NamespaceSockets(Control);
    }

    /// <summary>The addresses of the whole mesh.</summary>
    public AddressPlan Plan { get; }

    public ImmutableArray<NodeNetwork> Nodes { get; }

    /// <summary>Where the API server and the operator are.</summary>
    public NetworkNamespace Control { get; }

    public IPAddress Address { get; }

    public NamespaceSockets Sockets { get; }

    /// <summary>The control plane has a namespace of its own, beside the nodes'.</summary>
    public bool IsRouted => _own is not null;

    public static async Task<Fabric> CreateAsync(AddressPlan plan, int nodes, CancellationToken cancellation)
    {
        if (nodes == 1) return new Fabric(plan, null, [await NodeNetwork.CreateAsync(plan, cancellation)]);
        var own = NetworkNamespace.Create();
        var made = new List<NodeNetwork>();
        try
        {
            await PrepareAsync(own, plan.Part(AddressPlan.MostNodes), plan.Services, cancellation);
            for (var i = 0; i < nodes; i++)
            {
                made.Add(await NodeNetwork.CreateAsync(plan.Part(i), cancellation));
                await JoinAsync(own, plan, i, made[i], cancellation);
            }

            return new Fabric(plan, own, [.. made]);
        }
        catch
        {
            foreach (var node in made) node.Dispose();
            own.Dispose();
            throw;
        }
    }

    /// <summary>Plugs a node's cable in or pulls it.</summary>
    public Task SetLinkAsync(int node, bool up, CancellationToken cancellation) => _own is null
        ? throw new InvalidOperationException("a single node has no cable")
        : up
            // The routes went with the link.
            ? Tool.RequireAsync(_own, ["ip", "-batch", "-"], LinkUp(node, Nodes[node].Plan), cancellation)
            : Tool.RequireAsync(_own, ["ip", "-batch", "-"], LinkDown(node, Nodes[node].Plan), cancellation);

    public void Dispose()
    {
        foreach (var node in Nodes) node.Dispose();
        _own?.Dispose();
    }

    private static string Cable(int node) => $"node{node + 1}";

    private static async Task PrepareAsync(NetworkNamespace own, AddressPlan part, Subnet services, CancellationToken cancellation)
    {
        own.Run(NodeNetwork.RouterSettings);
        // Services are reached from here too (webhooks, forwards); the rules translate before the packet would leave.
        await Tool.RequireAsync(own, ["ip", "-batch", "-"], $"""
            link set lo up
            link add control0 type bridge
            addr add {part.Node}/32 dev control0
            link set control0 up
            route add {services} dev control0
            {(NodeNetwork.HasIPv6 ? $"addr add {part.NodeIPv6}/128 dev control0 nodad" : "")}

            """, cancellation);
    }

    private static async Task JoinAsync(NetworkNamespace own, AddressPlan plan, int index, NodeNetwork node, CancellationToken cancellation)
    {
        var control = plan.Part(AddressPlan.MostNodes);
        await Tool.RequireAsync(own, ["ip", "link", "add", Cable(index), "type", "veth", "peer", "name", Uplink, "netns", node.Namespace.Path], null, cancellation);
        await Tool.RequireAsync(own, ["ip", "-batch", "-"], LinkUp(index, node.Plan), cancellation);
        await Tool.RequireAsync(node.Namespace, ["ip", "-batch", "-"], $"""
            link set {Uplink} up
            route add {control.Node} dev {Uplink} scope link src {node.Plan.Node}
            route add {plan.Pods} via {control.Node} dev {Uplink} src {node.Plan.Node}
            {(NodeNetwork.HasIPv6 ? $"addr add {NodeEnd}/64 dev {Uplink} nodad" : "")}
            {(NodeNetwork.HasIPv6 ? $"route add default via {ControlEnd} dev {Uplink}" : "")}

            """, cancellation);
    }

    /// <summary>What is sent to a node that is gone vanishes; nobody is told that there is no way.</summary>
    private static string LinkDown(int index, AddressPlan node) => $"""
        link set {Cable(index)} down
        route replace blackhole {node.Pods}
        {(NodeNetwork.HasIPv6 ? $"route replace blackhole {node.IPv6Prefix}/64" : "")}

        """;

    private static string LinkUp(int index, AddressPlan node)
    {
        var cable = Cable(index);
        var ipv4 = $"""
            link set {cable} up
            route replace {node.Node} dev {cable} scope link
            route replace {node.Pods} via {node.Node} dev {cable}

            """;
        return !NodeNetwork.HasIPv6 ? ipv4 : ipv4 + $"""
            addr replace {ControlEnd}/64 dev {cable} nodad
            route replace {node.IPv6Prefix}/64 via {NodeEnd} dev {cable}

            """;
    }
}
