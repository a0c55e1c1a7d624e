using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>The formats Kubernetes checks; one it does not know says nothing.</summary>
internal static partial class Formats
{
    public static bool Accepts(string format, string value) => format switch
    {
        "date-time" => DateTimeText().IsMatch(value)
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => DurationText().IsMatch(value),
        "byte" => Convert.TryFromBase64String(value, new byte[(value.Length * 3 / 4) + 3], out _),
        "ipv4" => IPAddress.TryParse(value, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork,
        "ipv6" => IPAddress.TryParse(value, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "cidr" => IPNetwork.TryParse(value, out _),
        "uuid" => Guid.TryParse(value, out _),
        "uri" => Uri.TryCreate(value, UriKind.Absolute, out _),
        _ => true,
    };

    public static bool InRange(string? format, double value) => format switch
    {
        "int32" => value is >= int.MinValue and <= int.MaxValue,
        _ => true,
    };

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimeText();

    [GeneratedRegex(@"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*(ns|us|µs|ms|s|m|h|d|w|seconds?|minutes?|hours?|days?|weeks?)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w))*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DurationText();
}
