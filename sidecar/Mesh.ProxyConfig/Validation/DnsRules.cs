using System.Net;

namespace Mesh.Config;

/// <summary>Rules of <see cref="DnsTable"/>.</summary>
internal static class DnsRules
{
    private const int LongestName = 253; // RFC 1035 section 3.1, written with dots
    private const int LongestLabel = 63;

    public static void Check(DnsTable table, ProblemList problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < table.Names.Length; i++)
        {
            var at = new ConfigPath(SectionNames.Outbound).Down("dns").Down("names", i);
            var entry = table.Names[i];
            if (Problem(entry.Name) is { } problem) problems.Add(at, "name", problem);
            else if (!seen.Add(entry.Name)) problems.Add(at, "name", $"'{entry.Name}' stands twice");
            for (var a = 0; a < entry.Addresses.Length; a++)
            {
                if (!IPAddress.TryParse(entry.Addresses[a], out _)) problems.Add(at, $"addresses[{a}]", $"'{entry.Addresses[a]}' is not an IP address");
            }
        }
    }

    private static string? Problem(string name)
    {
        var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        if (plain.Length is 0 or > LongestName) return $"'{name}' is not a name of 1 to {LongestName} characters";
        if (plain.Contains('*', StringComparison.Ordinal)) return $"'{name}': a star may only lead, before a dot";
        if (plain.AsSpan().ContainsAnyInRange('A', 'Z')) return $"'{name}' must be in lower case";
        if (plain.AsSpan().ContainsAnyExceptInRange('!', '~')) return $"'{name}' holds characters that no host name has";
        return plain.Split('.').Any(label => label.Length is 0 or > LongestLabel) ? $"'{name}': between dots stand 1 to {LongestLabel} characters" : null;
    }
}
