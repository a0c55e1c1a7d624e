using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.Tests.DnsProxy;

/// <summary>A name server whose every answer is written by the test, on UDP and TCP of one port.</summary>
internal sealed class FakeNameServer : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Socket udp;
    private readonly Socket tcp;
    private readonly Func<byte[], bool, IEnumerable<byte[]>> answer;
    private readonly Task loops;

    public FakeNameServer(Func<byte[], bool, IEnumerable<byte[]>> answer)
        : this(IPAddress.Loopback, 0, answer)
    {
    }

    public FakeNameServer(IPAddress address, int port, Func<byte[], bool, IEnumerable<byte[]>> answer)
    {
        this.answer = answer;
        tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(address, port));
        tcp.Listen(16);
        udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(EndPoint);
        loops = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint => (IPEndPoint)tcp.LocalEndPoint!;

    public ConcurrentQueue<byte[]> Asked { get; } = [];

    /// <summary>The query as an answer with one address; 0.0.0.0 where the query is not for an IPv4 address.</summary>
    public static byte[] Address(byte[] query, string address, int code = 0)
    {
        var end = 12;
        while (query[end] != 0) end += query[end] + 1;
        end += 5;
        var message = new byte[end + 16];
        query.AsSpan(0, end).CopyTo(message);
        (message[2], message[3]) = ((byte)(0x80 | query[2]), (byte)(0x80 | code));
        message.AsSpan(6, 6).Clear();
        if (code != 0) return message[..end];
        message[7] = 1;
        new byte[] { 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 }.CopyTo(message.AsSpan(end));
        IPAddress.Parse(address).GetAddressBytes().CopyTo(message.AsSpan(end + 12));
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        udp.Dispose();
        tcp.Dispose();
        await loops;
        stopping.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var got = await udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(udp.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), stopping.Token);
                var query = buffer[..got.ReceivedBytes];
                Asked.Enqueue(query);
                foreach (var message in answer(query, false)) await udp.SendToAsync(message, SocketFlags.None, got.RemoteEndPoint, stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await tcp.AcceptAsync(stopping.Token);
                await using var stream = new NetworkStream(socket);
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, stopping.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(query, stopping.Token);
                Asked.Enqueue(query);
                foreach (var message in answer(query, true))
                {
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
                    await stream.WriteAsync(length, stopping.Token);
                    await stream.WriteAsync(message, stopping.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
        }
    }
}
