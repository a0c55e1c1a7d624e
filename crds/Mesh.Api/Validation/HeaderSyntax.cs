namespace Mesh.Api.Validation;

/// <summary>The grammar of HTTP headers.</summary>
internal static class HeaderSyntax
{
    private const string Marks = "!#$%&'*+-.^_`|~";
    private const string ClaimPrefix = "@request.auth.claims";

    /// <summary>A header's name; pseudo headers such as <c>:authority</c> included.</summary>
    public static bool IsName(string name)
    {
        var rest = name.StartsWith(':') ? name[1..] : name;
        return rest.Length > 0 && rest.All(c => char.IsAsciiLetterOrDigit(c) || Marks.Contains(c, StringComparison.Ordinal));
    }

    /// <summary>A name of letters, digits, hyphens and underscores alone, as lists of headers within a header take it.</summary>
    public static bool IsPlainName(string? name) => name is { Length: > 0 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Whether the name stands for a claim of the caller's token: <c>@request.auth.claims.sub</c>, <c>@request.auth.claims[sub]</c>.</summary>
    public static bool IsClaim(string name) =>
        name.StartsWith(ClaimPrefix, StringComparison.OrdinalIgnoreCase)
        && name.Length > ClaimPrefix.Length + 1 && name[ClaimPrefix.Length] is '.' or '[';

    /// <summary>Whether the name is the host the caller asked for.</summary>
    public static bool IsAuthority(string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals(":authority", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a value: control characters, or a <c>%</c> that neither is doubled nor encloses a variable.</summary>
    public static string? ValueProblem(string value)
    {
        if (value.Any(c => char.IsControl(c) && c != '\t'))
            return "it holds a control character";
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
                continue;
            if (i + 1 < value.Length && value[i + 1] == '%')
            {
                i++;
                continue;
            }

            if (VariableEnd(value, i + 1) is not { } end)
                return "a single % begins a variable that never ends";
            i = end;
        }

        return null;
    }

    // NAME, or NAME(ARGUMENTS), or either with a length after a colon: %REQ(x-id):10%. Arguments may hold %, as formats of time do.
    private static int? VariableEnd(string value, int start)
    {
        var end = value.AsSpan(start).IndexOfAny('%', '(') + start;
        if (end < start)
            return null;
        if (value[end] == '%')
            return end;
        end = value.IndexOf(')', end);
        if (end < 0)
            return null;
        var next = value.AsSpan(end + 1).IndexOfAnyExcept(":0123456789") + end + 1;
        return next > end && value[next] == '%' ? next : null;
    }
}
