using System.Buffers.Binary;
using System.Text;

namespace Mesh.Sidecar.Connections;

/// <summary>Reads the server name out of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3).</summary>
public static class ClientHello
{
    /// <summary>The most bytes looked at: one full TLS record.</summary>
    public const int Bound = 5 + 16 * 1024;

    /// <summary>
    /// <c>true</c> when the bytes decide: <paramref name="serverName"/> is the name, lower-case, or empty when the hello has
    /// none or is not one. <c>false</c> when more bytes are needed.
    /// </summary>
    public static bool TryReadServerName(ReadOnlySpan<byte> bytes, out string serverName)
    {
        serverName = "";
        if (bytes.Length < 5) return false;
        if (bytes[0] != 0x16) return true;
        var record = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (bytes.Length < 5 + record) return bytes.Length >= Bound;

        // Post-quantum key shares make hellos larger than a packet, rarely than a record; a hello split over several
        // records is treated as one without a name.
        serverName = ServerNameOf(bytes.Slice(5, record));
        return true;
    }

    private static string ServerNameOf(ReadOnlySpan<byte> handshake)
    {
        const int Header = 4, Version = 2, Random = 32;
        if (handshake.Length < Header + Version + Random + 1 || handshake[0] != 1) return "";
        var rest = handshake[(Header + Version + Random)..];
        if (!Skip(ref rest, 1) || !Skip(ref rest, 2) || !Skip(ref rest, 1)) return ""; // session id, cipher suites, compression
        if (rest.Length < 2) return "";
        rest = rest[2..];
        while (rest.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length < 4 + length) return "";
            if (type == 0) return NameIn(rest.Slice(4, length));
            rest = rest[(4 + length)..];
        }

        return "";
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
