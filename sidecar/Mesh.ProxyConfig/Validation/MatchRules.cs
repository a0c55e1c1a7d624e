namespace Mesh.Config;

/// <summary>Rules of <see cref="RequestMatch"/>.</summary>
internal static class MatchRules
{
    public static void Check(ConfigPath at, RequestMatch match, ProblemList problems)
    {
        Check(at.Down("path"), match.Path, problems);
        Check(at.Down("scheme"), match.Scheme, problems);
        Check(at.Down("method"), match.Method, problems);
        Check(at.Down("authority"), match.Authority, problems);
        for (var i = 0; i < match.Headers.Length; i++)
        {
            var here = at.Down("headers", i);
            Check(here, match.Headers[i], problems);
            if (match.Headers[i].Name.AsSpan().ContainsAnyInRange('A', 'Z')) problems.Add(here, "name", $"'{match.Headers[i].Name}' must be in lower case");
        }

        for (var i = 0; i < match.QueryParameters.Length; i++) Check(at.Down("queryParameters", i), match.QueryParameters[i], problems);
    }

    private static void Check(ConfigPath at, NamedMatch match, ProblemList problems)
    {
        if (match.Name.Length == 0) problems.Add(at, "name", "is empty");
        Check(at.Down("value"), match.Value, problems);
    }

    public static void Check(ConfigPath at, StringMatch? match, ProblemList problems)
    {
        if (match is null) return;
        problems.CheckDefined(at, "kind", match.Kind);
        if (match.Kind == StringMatchKind.Regex && Re2.Problem(match.Value) is { } problem) problems.Add(at, "value", problem);
    }
}
