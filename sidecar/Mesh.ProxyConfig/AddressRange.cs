using System.Globalization;
using System.Net;

namespace Mesh.Config;

/// <summary>Reads addresses and networks (<c>10.0.0.1</c>, <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>) as rules write them.</summary>
public static class AddressRange
{
    /// <summary>
    /// The network; an address alone is one of its full length. Bits below the prefix are dropped, as a network may be named by
    /// any address within it. An IPv4 address needs its four parts: <c>10</c> is a mistake, not 0.0.0.10.
    /// </summary>
    public static bool TryParse(string text, out IPNetwork range)
    {
        range = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (written.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(written, out var address)) return false;
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var count)) return false;
        if (count == 4 && written.AsSpan().Count('.') != 3) return false;
        var length = count * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > count * 8)) return false;
        for (var i = 0; i < count; i++) bytes[i] &= (byte)(0xff << (8 - Math.Clamp(length - i * 8, 0, 8)));
        range = new IPNetwork(new IPAddress(bytes[..count]), length);
        return true;
    }
}
