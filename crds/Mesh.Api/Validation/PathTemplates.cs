namespace Mesh.Api.Validation;

/// <summary>Paths with <c>{*}</c> (one segment) and <c>{**}</c> (any number of them).</summary>
internal static class PathTemplates
{
    private const string One = "{*}";
    private const string Any = "{**}";
    private const string Marks = "-._~%!$&'()+,;:@=";

    /// <summary>What is wrong with a path that holds braces; <c>null</c> for any other.</summary>
    public static string? Problem(string path)
    {
        var template = path.Contains(One, StringComparison.Ordinal) || path.Contains(Any, StringComparison.Ordinal);
        if (template && !path.StartsWith('/'))
            return "it does not begin with /";
        var seenAny = false;
        foreach (var segment in path.Trim('/').Split('/'))
        {
            if (segment is One or Any)
            {
                if (seenAny)
                    return segment == Any ? "{**} may stand there once" : "{**} must be the last of the wildcards";
                seenAny = segment == Any;
            }
            else if (segment.AsSpan().IndexOfAny('{', '}') >= 0)
            {
                return "only {*} and {**} may stand in braces, each as a whole segment";
            }
            else if (template && !IsLiteral(segment))
            {
                return segment.Contains('*', StringComparison.Ordinal) ? "a wildcard stands for whole segments" : $"'{segment}' is no segment of a path";
            }
        }

        return null;
    }

    private static bool IsLiteral(string segment) =>
        segment.Length > 0 && segment.All(c => char.IsAsciiLetterOrDigit(c) || Marks.Contains(c, StringComparison.Ordinal));
}
