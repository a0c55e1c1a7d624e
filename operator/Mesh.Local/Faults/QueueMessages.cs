using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Mesh.Local.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Local.Faults;

/// <summary>The few netlink messages of the kernel's netfilter queues (nfnetlink_queue): bind, unbind, a packet that came, let it go.</summary>
internal static unsafe class QueueMessages
{
    private const int Subsystem = 3 << 8;
    private const ushort Packet = Subsystem, Verdict = Subsystem | 1, Config = Subsystem | 2;
    private const int HeaderLength = 20;
    private const int AcceptVerdict = 1;

    /// <summary>A netlink socket of the calling thread's network namespace; a read of it waits a fifth of a second at most.</summary>
    public static SafeFileHandle OpenSocket()
    {
        const int netlink = 16, raw = 3, closeOnExec = 0x80000, netfilter = 12, solSocket = 1, receiveTimeout = 20, receiveBufferForce = 33;
        var socket = new SafeFileHandle(Libc.Check(Libc.Socket(netlink, raw | closeOnExec, netfilter), "open a netlink socket"), ownsHandle: true);
        Span<long> timeout = [0, 200_000];
        fixed (long* start = timeout) Libc.SetSockOpt(Number(socket), solSocket, receiveTimeout, start, sizeof(long) * 2);
        var buffer = 8 << 20;
        Libc.SetSockOpt(Number(socket), solSocket, receiveBufferForce, &buffer, sizeof(int));
        return socket;
    }

    public static byte[] Bind(ushort queue, int most)
    {
        const byte bind = 1, metadataOnly = 1;
        const uint largePackets = 4; // Passed whole instead of cut into segments first.
        return Join(
            Message(Config, queue, Attribute(1, [bind, 0, 0, 0])),
            Message(Config, queue, Attribute(2, [0, 0, 0, 0, metadataOnly]), Attribute(3, BigEndian((uint)most))),
            Message(Config, queue, Attribute(4, BigEndian(largePackets)), Attribute(5, BigEndian(largePackets))));
    }

    public static byte[] Unbind(ushort queue) => Message(Config, queue, Attribute(1, [2, 0, 0, 0]));

    public static byte[] Accept(ushort queue, uint packet) => Message(Verdict, queue, Attribute(2, [.. BigEndian(AcceptVerdict), .. BigEndian(packet)]));

    public static void Send(SafeFileHandle socket, byte[] message)
    {
        fixed (byte* start = message) Libc.Check((int)Libc.Send(Number(socket), start, message.Length, 0), "speak to the netfilter queue");
    }

    /// <summary>How many bytes came; 0 or less when none did.</summary>
    public static int Receive(SafeFileHandle socket, byte[] buffer)
    {
        fixed (byte* start = buffer) return (int)Libc.Recv(Number(socket), start, buffer.Length, 0);
    }

    /// <summary>Queue and number of each packet in what came.</summary>
    public static List<(ushort Queue, uint Packet)> Packets(ReadOnlySpan<byte> came)
    {
        var found = new List<(ushort, uint)>();
        while (came.Length >= HeaderLength)
        {
            var length = (int)MemoryMarshal.Read<uint>(came);
            if (length < HeaderLength || length > came.Length) break;
            var queue = BinaryPrimitives.ReadUInt16BigEndian(came[18..]);
            if (MemoryMarshal.Read<ushort>(came[4..]) == Packet && PacketNumber(came[HeaderLength..length]) is { } number) found.Add((queue, number));
            came = came[Math.Min(came.Length, Padded(length))..];
        }

        return found;
    }

    private static uint? PacketNumber(ReadOnlySpan<byte> attributes)
    {
        while (attributes.Length >= 8)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            if (MemoryMarshal.Read<ushort>(attributes[2..]) == 1) return BinaryPrimitives.ReadUInt32BigEndian(attributes[4..]);
            if (length < 4) return null;
            attributes = attributes[Math.Min(attributes.Length, Padded(length))..];
        }

        return null;
    }

    private static byte[] Message(ushort type, ushort queue, params ReadOnlySpan<byte[]> attributes)
    {
        ushort request = 1;
        var body = Join(attributes);
        var message = new byte[HeaderLength + body.Length];
        var length = (uint)message.Length;
        MemoryMarshal.Write(message, in length);
        MemoryMarshal.Write(message.AsSpan(4), in type);
        MemoryMarshal.Write(message.AsSpan(6), in request);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(18), queue);
        body.CopyTo(message.AsSpan(HeaderLength));
        return message;
    }

    private static byte[] Attribute(ushort type, byte[] content)
    {
        var attribute = new byte[Padded(4 + content.Length)];
        var length = (ushort)(4 + content.Length);
        MemoryMarshal.Write(attribute, in length);
        MemoryMarshal.Write(attribute.AsSpan(2), in type);
        content.CopyTo(attribute.AsSpan(4));
        return attribute;
    }

    private static byte[] Join(params ReadOnlySpan<byte[]> parts)
    {
        var all = new List<byte>();
        foreach (var part in parts) all.AddRange(part);
        return [.. all];
    }

    private static byte[] BigEndian(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private static int Number(SafeFileHandle socket) => (int)socket.DangerousGetHandle();
}
