using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's redirection -> what the client is told.</summary>
internal static class RedirectTranslator
{
    private const int Default = 301;

    public static Redirect Translate(HttpRedirect redirect, RequestMatch? match)
    {
        var prefix = Given(redirect.PrefixRewrite);
        return new Redirect
        {
            // Others than these are no redirection that a client would follow; the status of the rule says so.
            Status = redirect.RedirectCode is 302 or 303 or 307 or 308 ? redirect.RedirectCode.Value : Default,
            Scheme = Given(redirect.Scheme),
            Authority = Given(redirect.Authority),
            Port = redirect.Port is > 0 ? redirect.Port : null,
            RequestPort = redirect.DerivePort == "FROM_REQUEST_PORT",
            Path = Given(redirect.Uri) ?? prefix,
            Prefix = Given(redirect.Uri) is null && prefix is not null ? RewriteTranslator.PrefixOf(match) : "",
        };
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
