using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.Init.Tests;

/// <summary>The program in a real namespace against the real kernel, by both iptables and both families.</summary>
public sealed class NamespaceTests
{
    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task Connections_to_anywhere_arrive_at_the_sidecar_with_their_destination_kept(string backend)
    {
        using var pod = MakePod();
        AssertFine(pod.Init("--backend", backend));
        using var outbound = Pod.Listen(pod.Namespace, IPAddress.Loopback, 15001);
        using var outbound6 = Pod.Listen(pod.Namespace, IPAddress.IPv6Loopback, 15001);
        await AssertArrives(outbound, pod.Namespace, "192.0.2.55", 8080);
        await AssertArrives(outbound6, pod.Namespace, "2001:db8::55", 8080);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task Connections_from_outside_arrive_at_the_inbound_port_but_control_ports_are_reached_directly(string backend)
    {
        using var pod = MakePod();
        AssertFine(pod.Init("--backend", backend, "--exclude-inbound-ports", "7070"));
        using var inbound = Pod.Listen(pod.Namespace, IPAddress.Any, 15006);
        using var inbound6 = Pod.Listen(pod.Namespace, IPAddress.IPv6Any, 15006);
        await AssertArrives(inbound, pod.Neighbour, Pod.Address4, 9080);
        await AssertArrives(inbound6, pod.Neighbour, Pod.Address6, 9080);
        foreach (var port in InitOptions.ControlPorts.Add(7070))
        {
            using var direct = Pod.Listen(pod.Namespace, IPAddress.Any, port);
            using var client = await Pod.Connect(pod.Neighbour, Pod.Address4, port);
            Assert.NotNull(client);
            using var accepted = await direct.AcceptAsync();
        }
    }

    [Fact]
    public async Task Localhost_and_an_application_talking_to_itself_are_left_alone()
    {
        using var pod = MakePod();
        AssertFine(pod.Init());
        using var application = Pod.Listen(pod.Namespace, IPAddress.Any, 9080);
        foreach (var address in new[] { "127.0.0.1", "127.8.8.8", Pod.Address4 })
        {
            using var client = await Pod.Connect(pod.Namespace, address, 9080);
            Assert.True(client is not null, address);
            using var accepted = await application.AcceptAsync();
        }
    }

    [Fact]
    public async Task What_is_excluded_leaves_directly()
    {
        using var pod = MakePod();
        AssertFine(pod.Init("--exclude-outbound-ports", "5432", "--exclude-outbound-ranges", "10.77.0.1/32", "--include-outbound-ports", "9999"));
        foreach (var port in new[] { 5432, 6379 })
        {
            using var server = Pod.Listen(pod.Neighbour, IPAddress.Any, port);
            using var client = await Pod.Connect(pod.Namespace, Pod.Neighbour4, port);
            Assert.True(client is not null, $"port {port}");
            using var accepted = await server.AcceptAsync();
        }
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task Queries_to_the_name_server_arrive_at_the_sidecar_by_UDP_and_TCP_and_others_do_not(string backend)
    {
        using var pod = MakePod();
        string[] options = ["--backend", backend, "--redirect-dns", "--dns-servers", Pod.Neighbour4];
        AssertFine(pod.Init(options));
        AssertFine(pod.Init(options)); // twice is the same as once
        using var tcp = Pod.Listen(pod.Namespace, IPAddress.Loopback, 15053);
        await AssertArrives(tcp, pod.Namespace, Pod.Neighbour4, 53);
        using var udp = Udp(pod.Namespace, new IPEndPoint(IPAddress.Loopback, 15053));
        using var direct = Udp(pod.Neighbour, new IPEndPoint(IPAddress.Any, 5353));
        using var client = Udp(pod.Namespace, new IPEndPoint(IPAddress.Any, 0));
        await client.SendToAsync("captured"u8.ToArray(), new IPEndPoint(IPAddress.Parse(Pod.Neighbour4), 53));
        await client.SendToAsync("direct"u8.ToArray(), new IPEndPoint(IPAddress.Parse(Pod.Neighbour4), 5353));
        Assert.Equal("captured", await ReadAsync(udp));
        Assert.Equal("direct", await ReadAsync(direct));

        AssertFine(pod.Init("--backend", backend));
        Assert.DoesNotContain("MESH", pod.Namespace.Must($"iptables-{backend}-save", "-t", "raw"), StringComparison.Ordinal);
        AssertFine(pod.Init(options));
        AssertFine(pod.Init("--cleanup"));
        Assert.DoesNotContain("MESH", pod.Namespace.Must($"iptables-{backend}-save", "-t", "raw"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sidecars_user_is_not_captured_and_its_way_to_the_application_does_not_loop()
    {
        using var pod = MakePod();
        AssertFine(pod.Init());
        Needs.Program("setpriv", "util-linux");
        using var server = Pod.Listen(pod.Neighbour, IPAddress.Any, 8080);
        using var application = Pod.Listen(pod.Namespace, IPAddress.Any, 9080);
        AssertFine(AsSidecar(pod, $"exec 3<>/dev/tcp/{Pod.Neighbour4}/8080"));
        using (var accepted = await server.AcceptAsync()) { }
        // From 127.0.0.6, as the inbound side does: bash cannot choose a source, so ip route does it for the pod's address.
        pod.Namespace.Must("ip", "route", "replace", "local", Pod.Address4, "dev", "lo", "table", "local", "src", "127.0.0.6");
        AssertFine(AsSidecar(pod, $"exec 3<>/dev/tcp/{Pod.Address4}/9080"));
        using var own = await application.AcceptAsync();
        Assert.Equal("127.0.0.6", ((IPEndPoint)own.RemoteEndPoint!).Address.ToString());
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public void Twice_is_the_same_as_once_also_with_other_options_in_between(string backend)
    {
        using var pod = MakePod();
        AssertFine(pod.Init("--backend", backend));
        var once = Saved(pod, backend);
        AssertFine(pod.Init("--backend", backend, "--include-inbound-ports", "80", "--exclude-outbound-ports", "1,2,3"));
        Assert.NotEqual(once, Saved(pod, backend));
        AssertFine(pod.Init("--backend", backend));
        Assert.Equal(once, Saved(pod, backend));
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public void The_iptables_that_holds_rules_already_is_the_one_used(string backend)
    {
        using var pod = MakePod();
        pod.Namespace.Must($"iptables-{backend}", "-t", "nat", "-A", "POSTROUTING", "-j", "RETURN");
        var run = pod.Init();
        AssertFine(run);
        Assert.Contains($"iptables-{backend}:", run.Error, StringComparison.Ordinal);
        Assert.Contains("MESH_OUTPUT", Saved(pod, backend), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("legacy")]
    public void Cleanup_leaves_what_others_have_and_nothing_of_ours(string backend)
    {
        using var pod = MakePod();
        pod.Namespace.Must($"iptables-{backend}", "-t", "nat", "-A", "POSTROUTING", "-j", "RETURN");
        AssertFine(pod.Init("--backend", backend));
        Assert.Contains("::6/128", pod.Namespace.Must("ip", "addr", "show", "lo"), StringComparison.Ordinal);
        AssertFine(pod.Init("--cleanup"));
        var left = Saved(pod, backend);
        Assert.DoesNotContain("MESH", left, StringComparison.Ordinal);
        Assert.Contains("-A POSTROUTING -j RETURN", left, StringComparison.Ordinal);
        Assert.DoesNotContain("::6/128", pod.Namespace.Must("ip", "addr", "show", "lo"), StringComparison.Ordinal);
        AssertFine(pod.Init("--cleanup"));
    }

    [Fact]
    public void The_check_is_made_with_real_connections_in_both_directions_and_families()
    {
        using var pod = MakePod();
        var run = pod.Init();
        AssertFine(run);
        foreach (var said in new[] { "V4: 192.0.2.1:80 redirected to port 15001", "redirected to port 15006", "V6: [2001:db8::1]:80 redirected to port 15001" })
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_capabilities_of_the_injected_container_alone_it_works()
    {
        using var pod = MakePod();
        Needs.Program("setpriv", "util-linux");
        AssertFine(WithCapabilities(pod, "-all,+net_admin,+net_raw"));
    }

    [Fact]
    public void Without_NET_ADMIN_it_says_so_and_exits_with_a_code_of_its_own()
    {
        using var pod = MakePod();
        Needs.Program("setpriv", "util-linux");
        var run = WithCapabilities(pod, "-all,+net_raw");
        Assert.Equal(InitFailure.NotPermitted, run.ExitCode);
        Assert.Contains("NET_ADMIN", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("MESH", Saved(pod, "nft"), StringComparison.Ordinal);
    }

    private static Pod MakePod()
    {
        Needs.Netns();
        return new Pod();
    }

    private static Socket Udp(NetworkNamespace where, IPEndPoint address) => where.Inside(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(address);
        return socket;
    });

    private static async Task<string> ReadAsync(Socket socket)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Eventually.Patience);
        var buffer = new byte[64];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, deadline.Token));
    }

    private static void AssertFine(CommandResult run) => Assert.True(run.ExitCode == 0, $"exit {run.ExitCode}: {run.Error}{run.Output}");

    private static string Saved(Pod pod, string backend) =>
        string.Join('\n', pod.Namespace.Must($"iptables-{backend}-save", "-t", "nat").Split('\n').Where(line => !line.StartsWith('#') && !line.StartsWith(':')));

    private static CommandResult AsSidecar(Pod pod, string script) =>
        pod.Namespace.Run("setpriv", ["--reuid", "1337", "--regid", "1337", "--clear-groups", "timeout", "5", "bash", "-c", script]);

    private static CommandResult WithCapabilities(Pod pod, string set) =>
        pod.Namespace.Run("setpriv", ["--bounding-set", set, "--inh-caps", set, Path.Combine(AppContext.BaseDirectory, "Mesh.Init")]);

    private static async Task AssertArrives(Socket listener, NetworkNamespace from, string address, int port)
    {
        using var client = await Pod.Connect(from, address, port);
        Assert.True(client is not null, $"{address} port {port}: no connection");
        using var accepted = await listener.AcceptAsync();
        var raw = new byte[28];
        var ipv6 = accepted.AddressFamily == AddressFamily.InterNetworkV6;
        accepted.GetRawSocketOption(ipv6 ? 41 : 0, 80, raw);
        Assert.Equal(IPAddress.Parse(address), new IPAddress(ipv6 ? raw.AsSpan(8, 16) : raw.AsSpan(4, 4)));
        Assert.Equal(port, (raw[2] << 8) | raw[3]);
    }
}
