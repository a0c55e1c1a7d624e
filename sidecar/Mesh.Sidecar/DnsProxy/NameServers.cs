using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>
/// Asks the pod's name servers, one after the other, each for a while, and all a second time. The query goes on as the
/// client wrote it but for its number, which is drawn anew like the port it leaves from: an answer that somebody else sent
/// would have to guess both.
/// </summary>
public sealed class NameServers(ImmutableArray<IPEndPoint> servers, TimeProvider time)
{
    /// <summary>The largest message (its length takes two bytes in TCP).</summary>
    public const int MostBytes = 65535;

    // A client gives up after five seconds (resolv.conf(5)): within those it should hear of a second server.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int Rounds = 2;

    /// <summary>The servers asked.</summary>
    public ImmutableArray<IPEndPoint> Servers => servers;

    /// <summary>The answer, with the client's number; <c>null</c> when none of them gave one.</summary>
    public async Task<byte[]?> AskAsync(DnsQuery query, ReadOnlyMemory<byte> message, bool tcp, CancellationToken cancellation)
    {
        byte[]? refused = null;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in servers)
            {
                if (await TryAsync(server, query, message, tcp, cancellation) is not { } answer) continue;
                BinaryPrimitives.WriteUInt16BigEndian(answer, query.Id);
                // "Cannot", "cannot do that" and "will not" (RFC 1035 section 4.1.1) are one server's word: the next may know better.
                if ((answer[3] & 0x0F) is not (2 or 4 or 5)) return answer;
                refused = answer;
            }

            if (refused is not null) return refused;
        }

        return null;
    }

    private async Task<byte[]?> TryAsync(IPEndPoint server, DnsQuery query, ReadOnlyMemory<byte> message, bool tcp, CancellationToken cancellation)
    {
        var asked = message.ToArray();
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1); // no seeded chance: it must not be guessed
        BinaryPrimitives.WriteUInt16BigEndian(asked, id);
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return tcp ? await ByTcpAsync(server, query, asked, id, either.Token) : await ByUdpAsync(server, query, asked, id, either.Token);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<byte[]> ByUdpAsync(IPEndPoint server, DnsQuery query, byte[] asked, ushort id, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellation); // from now on the kernel takes answers of this server only
        await socket.SendAsync(asked, cancellation);
        var buffer = GC.AllocateUninitializedArray<byte>(Math.Max(query.UdpLimit, DnsQuery.SmallestUdp));
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            if (IsAnswer(buffer.AsSpan(0, count), query, id)) return buffer[..count];
        }
    }

    private static async Task<byte[]?> ByTcpAsync(IPEndPoint server, DnsQuery query, byte[] asked, ushort id, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellation);
        await using var stream = new NetworkStream(socket);
        await DnsFrames.WriteAsync(stream, asked, cancellation);
        return await DnsFrames.ReadAsync(stream, cancellation) is { } answer && IsAnswer(answer, query, id) ? answer : null;
    }

    private static bool IsAnswer(ReadOnlySpan<byte> answer, DnsQuery query, ushort id)
    {
        if (answer.Length < DnsQuery.HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(answer) != id || (answer[2] & 0x80) == 0) return false;
        // Some servers leave the question out of a failure; one that is there must be ours.
        if (BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) == 0) return (answer[3] & 0x0F) != 0;
        var question = query.Question.Span;
        return answer.Length >= DnsQuery.HeaderLength + question.Length && SameQuestion(answer.Slice(DnsQuery.HeaderLength, question.Length), question);
    }

    // Names count whatever their case.
    private static bool SameQuestion(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            if (Lower(left[i]) != Lower(right[i])) return false;
        }

        return true;

        static int Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? octet | 0x20 : octet;
    }
}
