using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Compiled conditions on one request; all must hold.</summary>
public sealed class RequestMatcher(RequestMatch match)
{
    private readonly StringMatcher? path = StringMatcher.For(match.Path, match.IgnorePathCase && match.Path?.Kind != StringMatchKind.Regex);
    private readonly StringMatcher? scheme = StringMatcher.For(match.Scheme);
    private readonly StringMatcher? method = StringMatcher.For(match.Method);
    private readonly StringMatcher? authority = StringMatcher.For(match.Authority);
    private readonly ImmutableArray<NamedMatcher> headers = [.. match.Headers.Select(header => new NamedMatcher(header))];
    private readonly ImmutableArray<NamedMatcher> parameters = [.. match.QueryParameters.Select(parameter => new NamedMatcher(parameter))];

    /// <summary>Whether all conditions hold.</summary>
    public bool Matches(Exchange exchange)
    {
        if (path is not null && !path.IsMatch(exchange.Path)) return false;
        if (method is not null && !method.IsMatch(exchange.Method)) return false;
        if (scheme is not null && !scheme.IsMatch(exchange.Scheme)) return false;
        if (authority is not null && !authority.IsMatch(exchange.Authority)) return false;
        foreach (var header in headers)
        {
            if (!header.Matches(exchange.Headers.Get(header.Name))) return false;
        }

        foreach (var parameter in parameters)
        {
            if (!parameter.MatchesIn(exchange.Query)) return false;
        }

        return true;
    }
}
