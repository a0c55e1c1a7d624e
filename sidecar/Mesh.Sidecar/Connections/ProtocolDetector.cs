using System.Net.Sockets;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Tells the protocol of a connection by its first bytes without taking any: the socket is peeked, so whoever gets it next
/// reads all of them. At most <see cref="Bound"/> bytes are looked at, for at most the time given; silence is opaque TCP,
/// as the server may be the one to speak first.
/// </summary>
public static class ProtocolDetector
{
    /// <summary>The longest thing that has to be told apart: the HTTP/2 preface.</summary>
    public const int Bound = 24;

    // Record type of a handshake (RFC 8446 section 5.1); no HTTP method begins with it.
    private const byte TlsHandshake = 0x16;

    private static ReadOnlySpan<byte> Http2Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Waits for bytes that decide, up to <paramref name="timeout"/> for the first and as long again for enough.</summary>
    public static async ValueTask<DetectedProtocol> DetectAsync(Socket socket, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var buffer = new byte[Bound];
        using var peek = new SocketPeek(socket, timeout, timeout, time, cancellation);
        for (var seen = 0; ;)
        {
            var count = await peek.MoreThanAsync(seen, buffer);
            if (Classify(buffer.AsSpan(0, count)) is { } protocol) return protocol;
            if (count <= seen) return DetectedProtocol.Tcp; // deadline or end of stream: what is there will not decide
            seen = count;
        }
    }

    /// <summary>
    /// Declared HTTP: only which of the two, and whether it is TLS instead. There is no hurry with the first byte; with a part of a preface there is, as
    /// HTTP/1 waits for slow clients better than we do.
    /// </summary>
    public static async ValueTask<DetectedProtocol> WhichHttpAsync(
        Socket socket, TimeSpan silence, TimeSpan partial, TimeProvider time, CancellationToken cancellation)
    {
        var buffer = new byte[Bound];
        using var peek = new SocketPeek(socket, silence, partial, time, cancellation);
        for (var seen = 0; ;)
        {
            var count = await peek.MoreThanAsync(seen, buffer);
            if (count <= seen) return DetectedProtocol.Http1;
            if (WhichHttp(buffer.AsSpan(0, count)) is { } protocol) return protocol;
            seen = count;
        }
    }

    /// <summary>The same of these first bytes, at least one; <c>null</c> when more are needed.</summary>
    public static DetectedProtocol? WhichHttp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;
        if (bytes[0] == TlsHandshake) return DetectedProtocol.Tls;
        if (!Http2Preface.StartsWith(bytes)) return DetectedProtocol.Http1;
        return bytes.Length == Http2Preface.Length ? DetectedProtocol.Http2 : null;
    }

    /// <summary>Only whether the client begins TLS: its first two bytes tell. <c>null</c> when it sent none in time.</summary>
    public static async ValueTask<bool?> BeginsTlsAsync(Socket socket, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var buffer = new byte[2];
        using var peek = new SocketPeek(socket, timeout, timeout, time, cancellation);
        for (var seen = 0; ;)
        {
            var count = await peek.MoreThanAsync(seen, buffer);
            if (count > 0 && buffer[0] != TlsHandshake) return false;
            if (count == 2) return buffer[1] == 0x03;
            if (count <= seen) return count == 0 ? null : false;
            seen = count;
        }
    }

    /// <summary>The protocol these first bytes belong to; <c>null</c> when more are needed.</summary>
    public static DetectedProtocol? Classify(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;

        // TLS: record type handshake, major version 3.
        if (bytes[0] == TlsHandshake) return bytes.Length < 2 ? null : bytes[1] == 0x03 ? DetectedProtocol.Tls : DetectedProtocol.Tcp;

        var common = Math.Min(bytes.Length, Http2Preface.Length);
        if (bytes[..common].SequenceEqual(Http2Preface[..common])) return common == Http2Preface.Length ? DetectedProtocol.Http2 : null;

        // HTTP/1: a method token, then a space. Methods in use are upper-case words of 3 letters or more, some with a hyphen;
        // SMTP's or Redis's upper-case commands end in CRLF or are shorter, FTP's and POP3's servers speak first.
        var length = bytes.IndexOfAnyExcept(MethodBytes);
        if (length < 0) return bytes.Length < Bound ? null : DetectedProtocol.Tcp;
        if (length < 3 || bytes[length] != (byte)' ') return DetectedProtocol.Tcp;

        // Then a target: origin-form, absolute-form or asterisk. A letter after the space is not enough to tell "HELO example"
        // from a request, so a target must start as one does. CONNECT asks for a tunnel to somewhere else: bytes, not HTTP.
        if (bytes.Length == length + 1) return null;
        if (bytes[..length].SequenceEqual("CONNECT"u8)) return DetectedProtocol.Tcp;
        return bytes[length + 1] is (byte)'/' or (byte)'*' or (byte)'h' or (byte)'H' ? DetectedProtocol.Http1 : DetectedProtocol.Tcp;
    }

    private static readonly System.Buffers.SearchValues<byte> MethodBytes = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ-"u8);
}
