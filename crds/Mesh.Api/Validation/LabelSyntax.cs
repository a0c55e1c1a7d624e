namespace Mesh.Api.Validation;

/// <summary>The grammar of Kubernetes labels.</summary>
internal static class LabelSyntax
{
    private const int Longest = 63;
    private const int LongestPrefix = 253;

    /// <summary><c>NAME</c> or <c>DNS-PREFIX/NAME</c>.</summary>
    public static bool IsKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        return name.Length > 0 && IsValue(name)
            && (slash < 0 || slash <= LongestPrefix && DnsNames.NameProblem(key[..slash]) is null);
    }

    /// <summary>Empty, or letters, digits and <c>-_.</c> with a letter or digit at both ends.</summary>
    public static bool IsValue(string value) =>
        value.Length == 0
        || value.Length <= Longest
        && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1])
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
