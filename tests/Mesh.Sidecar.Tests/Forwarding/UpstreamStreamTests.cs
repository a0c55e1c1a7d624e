using System.Net;
using System.Net.Sockets;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Health;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar.Tests.Forwarding;

public sealed class UpstreamStreamTests : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket server;
    private readonly UpstreamStream stream;

    public UpstreamStreamTests()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        client.Connect(listener.LocalEndPoint!);
        server = listener.Accept();
        stream = new UpstreamStream(client, new EndpointState("c", (IPEndPoint)listener.LocalEndPoint!));
    }

    public void Dispose()
    {
        stream.Dispose();
        server.Dispose();
        listener.Dispose();
    }

    [Fact]
    public async Task A_connection_lost_before_the_first_bytes_has_sent_nothing()
    {
        await Reset();
        var failed = await Assert.ThrowsAsync<NothingSentException>(async () => await stream.WriteAsync(new byte[100]));
        Assert.Equal(TryEnd.ResetBeforeRequest, TryFailure.EndOf(ForwarderError.Request, new HttpRequestException("sending failed", failed), false, false, false));
    }

    [Fact]
    public async Task What_was_said_in_a_handshake_is_nothing_of_a_request()
    {
        await stream.WriteAsync(new byte[100]);
        stream.Established();
        await Reset();
        await Assert.ThrowsAsync<NothingSentException>(async () => await stream.WriteAsync(new byte[100]));
    }

    [Fact]
    public async Task A_connection_lost_later_may_have_sent_something()
    {
        await stream.WriteAsync(new byte[100]);
        await Reset();
        var failed = await Assert.ThrowsAnyAsync<IOException>(async () => await stream.WriteAsync(new byte[100]));
        Assert.IsNotType<NothingSentException>(failed);
        Assert.Equal(TryEnd.Reset, TryFailure.EndOf(ForwarderError.Request, new HttpRequestException("sending failed", failed), false, false, false));
    }

    [Fact]
    public async Task Of_a_long_write_a_part_may_have_been_sent()
    {
        await Reset();
        Assert.IsNotType<NothingSentException>(await Assert.ThrowsAnyAsync<IOException>(async () => await stream.WriteAsync(new byte[100_000])));
    }

    private async Task Reset()
    {
        server.LingerState = new LingerOption(true, 0);
        server.Close();
        // The news of it has come when a read fails.
        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1]));
    }
}
