using System.Net;
using System.Net.Sockets;
using Mesh.Sidecar.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Connections;

public sealed class SocketPeekTests : IAsyncLifetime
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket client = null!;
    private Socket server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!, Cancel);
        server = await listener.AcceptAsync(Cancel);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        server.Dispose();
        listener.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Bytes_that_come_one_by_one_decide_once_there_are_enough_and_all_stay_for_the_next_reader()
    {
        var detection = ProtocolDetector.DetectAsync(server, TimeSpan.FromSeconds(20), TimeProvider.System, Cancel).AsTask();
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
        for (var i = 0; i < preface.Length - 1; i++) await client.SendAsync(preface.AsMemory(i, 1), Cancel);
        Assert.False(detection.IsCompleted);
        await client.SendAsync(preface.AsMemory(preface.Length - 1), Cancel);

        Assert.Equal(DetectedProtocol.Http2, await detection.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        var read = new byte[preface.Length];
        await new NetworkStream(server).ReadExactlyAsync(read, Cancel);
        Assert.Equal(preface, read);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", DetectedProtocol.Http1)]
    [InlineData("P", DetectedProtocol.Http1)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", DetectedProtocol.Http2)]
    public async Task Declared_HTTP_is_one_of_the_two_whatever_is_missing(string bytes, DetectedProtocol expected)
    {
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(bytes), Cancel);

        Assert.Equal(expected, await ProtocolDetector.WhichHttpAsync(server, TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel));
    }

    [Fact]
    public async Task Silence_is_opaque_TCP_when_the_time_is_over()
    {
        var time = new FakeTimeProvider();
        var detection = ProtocolDetector.DetectAsync(server, TimeSpan.FromMilliseconds(300), time, Cancel).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal(DetectedProtocol.Tcp, await detection.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task Half_a_word_is_opaque_TCP_when_the_time_is_over()
    {
        await client.SendAsync("GE"u8.ToArray(), Cancel);
        var detection = ProtocolDetector.DetectAsync(server, TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel).AsTask();

        Assert.Equal(DetectedProtocol.Tcp, await detection.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        var read = new byte[2];
        await new NetworkStream(server).ReadExactlyAsync(read, Cancel);
        Assert.Equal("GE"u8.ToArray(), read);
    }

    [Fact]
    public async Task A_second_look_waits_for_more_than_the_first_saw_and_takes_nothing()
    {
        await client.SendAsync("GE"u8.ToArray(), Cancel);
        using (var peek = new SocketPeek(server, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), TimeProvider.System, Cancel))
        {
            var buffer = new byte[16];
            Assert.Equal(2, await peek.MoreThanAsync(0, buffer));
            var more = peek.MoreThanAsync(2, buffer).AsTask();
            await client.SendAsync("T"u8.ToArray(), Cancel);
            Assert.Equal(3, await more.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        }

        await new NetworkStream(server).ReadExactlyAsync(new byte[3], Cancel);
        var next = server.ReceiveAsync(new byte[1], SocketFlags.None, Cancel).AsTask();
        await client.SendAsync("x"u8.ToArray(), Cancel);
        Assert.Equal(1, await next.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }
}
