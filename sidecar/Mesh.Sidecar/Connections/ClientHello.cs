using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>What a TLS ClientHello tells before any of it is answered (RFC 8446 section 4.1.2).</summary>
/// <param name="ServerName">Whom the client wants (RFC 6066 section 3), lower-case; empty when it does not say.</param>
/// <param name="Protocols">What it would speak inside (ALPN, RFC 7301), in its order of preference; empty when it does not say.</param>
public sealed record ClientHello(string ServerName, ImmutableArray<string> Protocols)
{
    private const int ServerNameExtension = 0;
    private const int AlpnExtension = 16;

    private static readonly ClientHello Silent = new("", []);

    /// <summary>Whether it is mutual TLS of the mesh, and not the application's own: only proxies of a mesh offer these names.</summary>
    public bool IsOfMesh => Protocols.Any(protocol => protocol is WellKnown.AlpnTcp or WellKnown.AlpnHttp1 or WellKnown.AlpnHttp2);

    /// <summary>The most bytes looked at: one full TLS record.</summary>
    public const int Bound = 5 + 16 * 1024;

    /// <summary>
    /// <c>true</c> when the bytes decide: <paramref name="hello"/> is what they say, nothing when they are no hello.
    /// <c>false</c> when more bytes are needed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ClientHello hello)
    {
        hello = Silent;
        if (bytes.Length < 5) return false;
        if (bytes[0] != 0x16) return true;
        var record = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (bytes.Length < 5 + record) return bytes.Length >= Bound;

        // Post-quantum key shares make hellos larger than a packet, rarely than a record; a hello split over several
        // records is treated as one that says nothing.
        hello = Read(bytes.Slice(5, record));
        return true;
    }

    private static ClientHello Read(ReadOnlySpan<byte> handshake)
    {
        const int Header = 4, Version = 2, Random = 32;
        if (handshake.Length < Header + Version + Random + 1 || handshake[0] != 1) return Silent;
        var rest = handshake[(Header + Version + Random)..];
        if (!Skip(ref rest, 1) || !Skip(ref rest, 2) || !Skip(ref rest, 1)) return Silent; // session id, cipher suites, compression
        if (rest.Length < 2) return Silent;
        rest = rest[2..];
        var serverName = "";
        ImmutableArray<string> protocols = [];
        while (rest.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length < 4 + length) return Silent;
            if (type == ServerNameExtension) serverName = NameIn(rest.Slice(4, length));
            if (type == AlpnExtension) protocols = ProtocolsIn(rest.Slice(4, length));
            rest = rest[(4 + length)..];
        }

        return new ClientHello(serverName, protocols);
    }

    private static ImmutableArray<string> ProtocolsIn(ReadOnlySpan<byte> extension)
    {
        // protocol_name_list length (2), then for each: length (1), name
        if (extension.Length < 2) return [];
        var rest = extension[2..];
        var protocols = ImmutableArray.CreateBuilder<string>(2);
        while (rest.Length > 0)
        {
            var length = rest[0];
            if (length == 0 || rest.Length < 1 + length) return [];
            protocols.Add(Encoding.Latin1.GetString(rest.Slice(1, length)));
            rest = rest[(1 + length)..];
        }

        return protocols.ToImmutable();
    }

    private static string NameIn(ReadOnlySpan<byte> extension)
    {
        // server_name_list length (2), name_type (1, host_name = 0), name length (2), name
        if (extension.Length < 5 || extension[2] != 0) return "";
        var length = BinaryPrimitives.ReadUInt16BigEndian(extension[3..]);
        return extension.Length < 5 + length ? "" : Encoding.ASCII.GetString(extension.Slice(5, length)).ToLowerInvariant();
    }

    private static bool Skip(ref ReadOnlySpan<byte> rest, int lengthBytes)
    {
        if (rest.Length < lengthBytes) return false;
        var length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < lengthBytes + length) return false;
        rest = rest[(lengthBytes + length)..];
        return true;
    }
}
