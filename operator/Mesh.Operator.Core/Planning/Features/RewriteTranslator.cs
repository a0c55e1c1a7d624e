using Mesh.Api.Networking;
using Mesh.Config;
using ApiRegexRewrite = Mesh.Api.Networking.RegexRewrite;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's rewrite, and the Host that its headers set -> what is sent on in place of path and host.</summary>
internal static class RewriteTranslator
{
    /// <param name="rewrite">As written.</param>
    /// <param name="host">The Host that headers ask for; the rewrite's own goes first.</param>
    /// <param name="match">What the request was matched by; the prefix in it is what is replaced.</param>
    public static Rewrite? Translate(HttpRewrite? rewrite, string? host, RequestMatch? match)
    {
        var authority = Given(rewrite?.Authority) ?? Given(host);
        var expression = rewrite?.UriRegexRewrite is { Match.Length: > 0 } regex ? Of(regex) : null;
        var path = expression is null ? Given(rewrite?.Uri) : null;
        if (authority is null && expression is null && path is null) return null;
        return new Rewrite
        {
            Path = path,
            Prefix = path is null ? "" : PrefixOf(match),
            Regex = expression,
            Authority = authority,
        };
    }

    /// <summary>The beginning of paths that a match is for: all of them begin with a slash; empty where the whole path is matched.</summary>
    public static string PrefixOf(RequestMatch? match) => match?.Path switch
    {
        null => "/",
        { Kind: StringMatchKind.Prefix } prefix => prefix.Value,
        _ => "",
    };

    private static Config.RegexRewrite Of(ApiRegexRewrite regex) => new(regex.Match!, regex.Rewrite ?? "");

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
