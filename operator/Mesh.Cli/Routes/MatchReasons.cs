using Mesh.Config;
using Mesh.Sidecar;
using Mesh.Sidecar.Routing;

namespace Mesh.Cli.Routes;

/// <summary>Which condition of a match does not hold for a request: each is put to the proxy's own matcher by itself.</summary>
internal static class MatchReasons
{
    /// <summary>The first that fails, with what is asked and what is given; null if all hold.</summary>
    public static string? FirstUnmet(RequestMatch match, Exchange request)
    {
        foreach (var (field, asked, given, alone) in Conditions(match, request))
            if (!new RequestMatcher(alone).Matches(request)) return $"{field} {asked} asked, {given} given";
        return null;
    }

    /// <summary>What a match asks, in words.</summary>
    public static string Text(RequestMatch match)
    {
        var parts = Conditions(match, null).Select(condition => $"{condition.Field} {condition.Asked}").ToList();
        return parts.Count == 0 ? "anything" : string.Join(", ", parts);
    }

    private static IEnumerable<(string Field, string Asked, string Given, RequestMatch Alone)> Conditions(RequestMatch match, Exchange? request)
    {
        if (match.Path is { } path) yield return ("uri", Text(path) + (match.IgnorePathCase ? " (case ignored)" : ""), Quoted(request?.Path), new RequestMatch { Path = path, IgnorePathCase = match.IgnorePathCase });
        if (match.Method is { } method) yield return ("method", Text(method), Quoted(request?.Method), new RequestMatch { Method = method });
        if (match.Scheme is { } scheme) yield return ("scheme", Text(scheme), Quoted(request?.Scheme), new RequestMatch { Scheme = scheme });
        if (match.Authority is { } authority) yield return ("authority", Text(authority), Quoted(request?.Authority), new RequestMatch { Authority = authority });
        foreach (var header in match.Headers)
            yield return (header.Invert ? "withoutHeaders" : "headers", $"{header.Name}: {Text(header.Value)}", Quoted(request?.Headers.Get(header.Name)), new RequestMatch { Headers = [header] });
        foreach (var parameter in match.QueryParameters)
            yield return ("queryParams", $"{parameter.Name}: {Text(parameter.Value)}", request is null ? "" : $"query \"{request.Query}\"", new RequestMatch { QueryParameters = [parameter] });
    }

    private static string Text(StringMatch? match) => match switch
    {
        null => "(present)",
        { Kind: StringMatchKind.Exact } => $"exact \"{match.Value}\"",
        { Kind: StringMatchKind.Prefix } => $"prefix \"{match.Value}\"",
        _ => $"regex \"{match.Value}\"",
    };

    private static string Quoted(string? text) => text is null ? "none" : $"\"{text}\"";
}
