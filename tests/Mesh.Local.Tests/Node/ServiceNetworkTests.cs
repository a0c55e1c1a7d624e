using System.Collections.Immutable;
using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Dns;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests.Node;

/// <summary>Names and ClusterIPs as pods see them: real namespaces, real rules, a real name server.</summary>
public sealed class ServiceNetworkTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-svc-").FullName;
    private NodeNetwork _node = null!;
    private PodNetwork _client = null!;
    private PodNetwork _server = null!;
    private ClusterDns _dns = null!;
    private V1Service _service = null!;
    private V1EndpointSlice _slice = null!;

    public async ValueTask InitializeAsync()
    {
        Needs.Netns();
        _node = await NodeNetwork.CreateAsync(AddressPlan.Choose("svc-test", []), default);
        _client = await _node.AddPodAsync(default);
        _server = await _node.AddPodAsync(default);
        var ip = _node.Plan.Services.At(77);
        _service = KubernetesYaml.Deserialize<V1Service>($$"""
            metadata: {name: web, namespace: default, uid: u}
            spec: {clusterIP: {{ip}}, ports: [{name: http, port: 80, protocol: TCP}]}
            """);
        _slice = KubernetesYaml.Deserialize<V1EndpointSlice>($$"""
            metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web} }
            addressType: IPv4
            ports: [{name: http, port: 8080, protocol: TCP}]
            endpoints: [{addresses: [{{_server.Address.IPv4}}], conditions: {ready: true} }]
            """);
        var zone = new ClusterZone((_, name) => name == "web" ? _service : null, (_, _) => [_slice]);
        _dns = ClusterDns.Start(_node.Namespace, _node.Plan.Node, zone, new HostResolver(null, TimeProvider.System), NullLogger.Instance);
        await ApplyAsync();
    }

    public ValueTask DisposeAsync()
    {
        _dns?.Dispose();
        _client?.Dispose();
        _server?.Dispose();
        _node?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_pod_reaches_a_service_by_its_short_name()
    {
        using var server = Serve();
        Assert.Equal("200", await RunAsync(_client, "curl -s -m 5 -o /dev/null -w '%{http_code}' http://web/"));
    }

    [Fact]
    public async Task A_pod_reaches_itself_by_its_service()
    {
        using var server = Serve();
        Assert.Equal("200", await RunAsync(_server, "curl -s -m 5 -o /dev/null -w '%{http_code}' http://web.default.svc.cluster.local/"));
    }

    [Fact]
    public async Task The_node_reaches_services_too()
    {
        using var server = Serve();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var connected = await _node.Sockets.ConnectAsync(new IPEndPoint(IPAddress.Parse(_service.Spec.ClusterIP), 80), limit.Token);
    }

    [Fact]
    public async Task A_service_without_ready_endpoints_refuses_at_once()
    {
        _slice.Endpoints[0].Conditions.Ready = false;
        await ApplyAsync();
        Assert.Equal("refused 7", await RunAsync(_client, "curl -s -m 5 http://web/ || echo refused $?"));
    }

    [Fact]
    public async Task Names_outside_the_cluster_fail_at_once_without_a_resolver() =>
        Assert.Equal("unknown 6", await RunAsync(_client, "curl -s -m 2 http://example.com/ || echo unknown $?"));

    private Task ApplyAsync() => Tool.RequireAsync(_node.Namespace, ["iptables-restore", "-w", "5"], ServiceRules.Render([_service], [_slice]), default);

    /// <summary>A server in the server pod that answers each connection once.</summary>
    private System.Net.Sockets.Socket Serve()
    {
        var listener = new NamespaceSockets(_server.Namespace).Listen(new IPEndPoint(IPAddress.Any, 8080));
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var accepted = await listener.AcceptAsync();
                await accepted.ReceiveAsync(new byte[4096]);
                await accepted.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        });
        return listener;
    }

    private async Task<string> RunAsync(PodNetwork pod, string script)
    {
        var output = new MemoryStream();
        var process = await ContainerProcess.StartAsync(new ContainerSpec
        {
            Name = "test",
            HostName = "box",
            Network = pod.Namespace,
            Command = ["/bin/sh", "-c", script],
            Environment = [KeyValuePair.Create("PATH", ContainerProcess.DefaultPath)],
            User = 65534,
            Group = 65534,
            Files = ImmutableDictionary<string, string>.Empty.Add("/etc/resolv.conf", $"search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver {_node.Plan.Node}\noptions ndots:5\n"),
        }, Directory.CreateDirectory($"{_directory}/{Guid.NewGuid():N}").FullName, (bytes, _) => output.Write(bytes.Span));
        await process.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        return Encoding.UTF8.GetString(output.ToArray()).Trim();
    }
}
