using System.Text;
using k8s;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>port-forward in the channels of a WebSocket, as other clients than kubectl speak it.</summary>
public sealed class PortForwardTests
{
    private const string Server = "exec python3 -u -c 'import socket\nfor f, a in ((socket.AF_INET, \"127.0.0.1\"), (socket.AF_INET6, \"::1\")):\n  s = socket.socket(f); s.bind((a, 8000 if f == socket.AF_INET else 8001)); s.listen(); globals()[a] = s\nimport threading\ndef serve(s):\n  while True:\n    c, _ = s.accept(); d = b\"\"\n    while True:\n      b = c.recv(65536)\n      if not b: break\n      d += b; c.sendall(b)\n    c.close()\nt = threading.Thread(target=serve, args=(globals()[\"::1\"],)); t.start(); print(\"up\"); serve(globals()[\"127.0.0.1\"])'";

    [Fact]
    public async Task Each_port_has_two_channels_and_either_loopback_is_found()
    {
        await using var pods = await RunningPods.StartAsync();
        var worker = await pods.RunAsync("p", Server);
        await Eventually.True(() => pods.Node.Log(worker, "c").Contains("up", StringComparison.Ordinal), "the server listens");
        using var socket = await pods.OpenAsync("p", "portforward?ports=8000&ports=8001", "v4.channel.k8s.io");
        await socket.UntilAsync(s => s.Bytes(3).Length == 2);
        Assert.Equal(new byte[] { 0x40, 0x1f }, socket.Bytes(0));
        Assert.Equal(new byte[] { 0x41, 0x1f }, socket.Bytes(3));
        await socket.SendAsync(0, "four");
        await socket.SendAsync(2, "six");
        await socket.UntilAsync(s => s.Bytes(0).Length == 6 && s.Bytes(2).Length == 5);
        Assert.Equal(("four", "six"), (Encoding.ASCII.GetString(socket.Bytes(0)[2..]), Encoding.ASCII.GetString(socket.Bytes(2)[2..])));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_as_its_own_error()
    {
        await using var pods = await RunningPods.StartAsync();
        await pods.RunAsync("p", "sleep 1000");
        using var socket = await (await pods.OpenAsync("p", "portforward?ports=9", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Contains("failed to connect to localhost:9 inside the pod's namespace, IPv4: connection refused", socket.Text(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_library_the_operator_uses_can_forward()
    {
        await using var pods = await RunningPods.StartAsync();
        var worker = await pods.RunAsync("p", Server);
        await Eventually.True(() => pods.Node.Log(worker, "c").Contains("up", StringComparison.Ordinal), "the server listens");
        using var client = pods.Api.Kubernetes();
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("p", "default", [8000], "v4.channel.k8s.io", cancellationToken: TestContext.Current.CancellationToken);
        using var demuxer = new StreamDemuxer(socket, StreamType.PortForward);
        demuxer.Start();
        using var stream = demuxer.GetStream((byte?)0, (byte?)0);
        await stream.WriteAsync("ping"u8.ToArray(), TestContext.Current.CancellationToken);
        var answer = new byte[4];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("ping", Encoding.ASCII.GetString(answer));
    }
}
