using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Init;

/// <summary>
/// Reads the lists of the command line. What passes here ends up in text that iptables-restore reads as root, so nothing
/// passes but numbers, addresses and plain device names. A <see cref="FormatException"/> says what is wrong with a value.
/// </summary>
public static class OptionText
{
    /// <summary>Stands for "all" where a list may be given.</summary>
    public const string All = "*";

    /// <summary>Ports, separated by commas; a trailing comma is fine, as annotations often have one.</summary>
    public static ImmutableArray<int> Ports(string text) =>
        [.. Items(text).Select(item =>
            int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
                ? port
                : throw new FormatException($"'{item}' is not a port: a number from 1 to 65535")).Distinct()];

    /// <summary>Ports, or null for all of them.</summary>
    public static ImmutableArray<int>? PortsOrAll(string text) => text.Trim() == All ? null : Ports(text);

    /// <summary>User or group ids.</summary>
    public static ImmutableArray<int> Ids(string text) =>
        [.. Items(text).Select(item =>
            int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new FormatException($"'{item}' is not a user or group id")).Distinct()];

    /// <summary>Address ranges (CIDR, or a single address).</summary>
    public static ImmutableArray<IPNetwork> Ranges(string text) => [.. Items(text).Select(Range).Distinct()];

    /// <summary>Address ranges, or null for all addresses.</summary>
    public static ImmutableArray<IPNetwork>? RangesOrAll(string text) => text.Trim() == All ? null : Ranges(text);

    /// <summary>Addresses.</summary>
    public static ImmutableArray<IPAddress> Addresses(string text) =>
        [.. Items(text).Select(item => Range(item) is var range && !item.Contains('/', StringComparison.Ordinal) ? range.BaseAddress
            : throw new FormatException($"'{item}' is not an address")).Distinct()];

    /// <summary>A range given as an address inside it (127.0.0.1/8) keeps its meaning: iptables masks it itself.</summary>
    public static string IPv4Range(string text)
    {
        var range = Range(text.Trim());
        return range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? text.Trim()
            : throw new FormatException($"'{text}' is not an IPv4 range");
    }

    /// <summary>Names of network devices.</summary>
    public static ImmutableArray<string> Devices(string text) =>
        [.. Items(text).Select(item =>
            item.Length <= 15 && item.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+' or ':') && item[0] != '-'
                ? item
                : throw new FormatException($"'{item}' is not the name of a network interface")).Distinct()];

    private static IPNetwork Range(string item)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? item : item[..slash];
        // IPAddress.TryParse takes "1" for 0.0.0.1; a person who wrote that meant something else.
        var dotted = addressText.Count(c => c == '.') == 3 || addressText.Contains(':', StringComparison.Ordinal);
        if (!dotted || addressText.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(addressText, out var address))
            throw new FormatException($"'{item}' is not an address range: write it as 10.0.0.0/8 or 2001:db8::/32");
        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            throw new FormatException($"'{item}' is not an address range: the prefix length is a number from 0 to {bits}");
        return new IPNetwork(Masked(address, length), length);
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }
        return new IPAddress(bytes);
    }

    private static IEnumerable<string> Items(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
