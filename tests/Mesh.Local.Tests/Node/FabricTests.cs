using System.Net;
using System.Net.Sockets;
using Mesh.Local.Node;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Mesh.Testing;
using NetworkNamespace = Mesh.Local.Node.Linux.NetworkNamespace;

namespace Mesh.Local.Tests.Node;

/// <summary>Several nodes as real namespaces with real cables between them.</summary>
public sealed class FabricTests : IAsyncLifetime
{
    private const int Port = 8080;
    private readonly AddressPlan _plan = AddressPlan.Choose("fabric-test", []);
    private Fabric _fabric = null!;
    private PodNetwork _client = null!;
    private PodNetwork _server = null!;
    private Socket _listener = null!;
    private Socket _listener6 = null!;

    public async ValueTask InitializeAsync()
    {
        Needs.Netns();
        _fabric = await Fabric.CreateAsync(_plan, 3, default);
        _client = await _fabric.Nodes[0].AddPodAsync(default);
        _server = await _fabric.Nodes[2].AddPodAsync(default);
        _listener = new NamespaceSockets(_server.Namespace).Listen(new IPEndPoint(IPAddress.Any, Port));
        _listener6 = new NamespaceSockets(_server.Namespace).Listen(new IPEndPoint(_server.Address.IPv6, Port));
    }

    public ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        _listener6?.Dispose();
        _client?.Dispose();
        _server?.Dispose();
        _fabric?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Pods_of_different_nodes_reach_each_other_under_their_own_addresses()
    {
        using var made = await ConnectAsync(_client.Namespace, _server.Address.IPv4);
        using var accepted = await _listener.AcceptAsync(Limit());
        Assert.Equal(_client.Address.IPv4, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
        if (!NodeNetwork.HasIPv6) return;
        using var made6 = await ConnectAsync(_client.Namespace, _server.Address.IPv6);
        using var accepted6 = await _listener6.AcceptAsync(Limit());
        Assert.Equal(_client.Address.IPv6, ((IPEndPoint)accepted6.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task The_control_plane_reaches_pods_of_every_node_and_is_reached_by_them()
    {
        using var toPod = await ConnectAsync(_fabric.Control, _server.Address.IPv4);
        using var listener = _fabric.Sockets.Listen(new IPEndPoint(_fabric.Address, 6443));
        using var toControl = await ConnectAsync(_client.Namespace, _fabric.Address, 6443);
        using var fromNode = await ConnectAsync(_fabric.Nodes[1].Namespace, _fabric.Address, 6443);
    }

    [Fact]
    public async Task A_pulled_cable_cuts_one_node_off_until_it_is_plugged_in_again()
    {
        await _fabric.SetLinkAsync(2, false, default);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(_client.Namespace, _server.Address.IPv4, limit: TimeSpan.FromMilliseconds(300)));
        using (var within = await ConnectAsync(_fabric.Nodes[2].Namespace, _server.Address.IPv4)) Assert.True(within.Connected);
        await _fabric.SetLinkAsync(2, true, default);
        using var again = await ConnectAsync(_client.Namespace, _server.Address.IPv4);
        Assert.True(again.Connected);
        if (!NodeNetwork.HasIPv6) return;
        using var again6 = await ConnectAsync(_client.Namespace, _server.Address.IPv6);
    }

    [Fact]
    public void Each_node_has_a_part_of_its_own_of_the_pods_addresses()
    {
        var parts = Enumerable.Range(0, AddressPlan.MostNodes + 1).Select(_plan.Part).ToList();
        Assert.All(parts, part => Assert.True(part.Pods.Overlaps(_plan.Pods)));
        Assert.All(parts, part => Assert.Single(parts, other => other.Pods.Overlaps(part.Pods)));
        Assert.Equal(parts.Count, parts.Select(p => p.IPv6Prefix).Distinct().Count());
        Assert.All(parts, part => Assert.NotEqual(_plan.IPv6Prefix, part.IPv6Prefix));
    }

    [Fact]
    public void Nodes_are_in_zones_by_turn() =>
        Assert.Equal(["local-a", "local-b", "local-a"], Enumerable.Range(0, 3).Select(i => NodeIdentity.Of(i, 2).Zone));

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token;

    private static async Task<Socket> ConnectAsync(NetworkNamespace from, IPAddress to, int port = Port, TimeSpan? limit = null)
    {
        using var given = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(5));
        return await new NamespaceSockets(from).ConnectAsync(new IPEndPoint(to, port), given.Token);
    }
}
