using System.Globalization;
using System.Net;

namespace Mesh.Api.Validation;

/// <summary>The grammar of names: what is wrong with a text as a host, label, port or address; <c>null</c> when nothing is.</summary>
internal static class DnsNames
{
    private const int LongestLabel = 63;
    private const int LongestName = 255;

    /// <summary>One part of a DNS name: letters, digits and hyphens, neither first nor last a hyphen.</summary>
    public static bool IsLabel(string? text) =>
        text is { Length: > 0 and <= LongestLabel }
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>What is wrong with a name that may begin with a wildcard.</summary>
    public static string? WildcardProblem(string? name)
    {
        if (LengthProblem(name) is { } problem)
            return problem;
        var dot = name!.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? name : name[..dot];
        if (!IsWildcardLabel(first))
            return first.Contains('*', StringComparison.Ordinal) ? "a wildcard may only stand at the very beginning" : $"'{first}' is no part of a DNS name";
        // foo. is foo, said to be absolute.
        return dot < 0 || dot == name.Length - 1 ? null : LabelsProblem(name[(dot + 1)..]);
    }

    /// <summary>What is wrong with a name without wildcard.</summary>
    public static string? NameProblem(string? name) => LengthProblem(name) ?? LabelsProblem(name!);

    /// <summary>Whether it is an IPv4 or IPv6 address as users write them.</summary>
    public static bool IsAddress(string? text) =>
        // IPAddress also reads 1.2, 010.0.0.1 (octal), 0x1.2.3.4 and [::1]; users mean none of these.
        text is not null && IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) ? text.AsSpan().IndexOfAny('[', '/') < 0 : text.Split('.') is { Length: 4 } parts && parts.All(IsNumber));

    /// <summary>Whether it is an address or a range such as <c>10.0.0.0/8</c>.</summary>
    public static bool IsSubnet(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return IsAddress(text);
        if (!IsAddress(text[..slash]) || text.Contains('%', StringComparison.Ordinal) || !IsNumber(text[(slash + 1)..]))
            return false;
        var bits = int.Parse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture);
        return bits <= (text.Contains(':', StringComparison.Ordinal) ? 128 : 32);
    }

    /// <summary>Whether a port is in range.</summary>
    public static bool IsPort(int? port) => port is >= 1 and <= 65535;

    // Up to three digits, without zeros in front.
    private static bool IsNumber(string text) => text is { Length: > 0 and < 4 } && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

    private static string? LengthProblem(string? name) =>
        string.IsNullOrEmpty(name) ? "a name is needed"
        : name.Length > LongestName ? $"a name has at most {LongestName} characters"
        : null;

    private static bool IsWildcardLabel(string label) => label switch
    {
        "*" => true,
        ['*', '-', ..] => IsLabel(label[2..]),
        ['*', ..] => IsLabel(label[1..]),
        _ => IsLabel(label),
    };

    private static string? LabelsProblem(string name)
    {
        var labels = name.Split('.');
        if (labels[^1].Length > 0 && labels[^1].All(char.IsAsciiDigit))
            return "the last part of a DNS name cannot be a number";
        for (var i = 0; i < labels.Length; i++)
        {
            // An empty last part is the dot that ends an absolute name.
            if (labels[i].Length == 0 && i == labels.Length - 1 && i > 0)
                continue;
            if (!IsLabel(labels[i]))
                return labels[i].Contains('*', StringComparison.Ordinal) ? "a wildcard may only stand at the very beginning" : $"'{labels[i]}' is no part of a DNS name";
        }

        return null;
    }
}
