namespace Mesh.Api.Validation;

/// <summary>Paths with <c>{*}</c> (one segment) and <c>{**}</c> (any number of them).</summary>
internal static class PathTemplates
{
    private const string Any = "{**}";

    /// <summary>What is wrong with a path that holds braces; <c>null</c> for any other.</summary>
    public static string? Problem(string path)
    {
        if (!path.Contains("{*}", StringComparison.Ordinal) && !path.Contains(Any, StringComparison.Ordinal))
            return path.IndexOfAny(['{', '}']) >= 0 && path.Contains('{', StringComparison.Ordinal) == path.Contains('}', StringComparison.Ordinal) && path.Contains("/{", StringComparison.Ordinal) ? "only {*} and {**} may stand in braces" : null;
        if (!path.StartsWith('/'))
            return "it does not begin with /";
        var seenAny = false;
        foreach (var segment in path[1..].Split('/'))
        {
            if (segment is "{*}" or Any)
            {
                if (seenAny)
                    return segment == Any ? "{**} may stand there once" : "{**} must be the last of the wildcards";
                seenAny = segment == Any;
            }
            else if (segment.IndexOfAny(['{', '}', '*']) >= 0)
            {
                return "a wildcard stands for whole segments";
            }
        }

        return null;
    }
}
