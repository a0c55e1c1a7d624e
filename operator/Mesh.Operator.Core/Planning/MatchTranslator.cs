using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;
using ApiStringMatch = Mesh.Api.StringMatch;

namespace Mesh.Operator.Core.Planning;

/// <summary>One match of a rule -> conditions on a request; selectors on the client are decided here and now.</summary>
internal static class MatchTranslator
{
    // Istio ignores these names: they have fields of their own.
    private static readonly ImmutableHashSet<string> PseudoHeaders = ["uri", "scheme", "method", "authority"];

    /// <summary>Whether the match can hold at all for clients of this scope on this port.</summary>
    public static bool Concerns(HttpMatchRequest match, int port, Scope scope) => Unmet(match, port, scope) is null;

    /// <summary>The field because of which it cannot; null if it can.</summary>
    public static string? Unmet(HttpMatchRequest match, int port, Scope scope)
    {
        if (match.Port is { } wanted && wanted != 0 && wanted != port) return "port";
        if (match.Gateways.Count > 0 && !match.Gateways.Contains(Api.MeshNames.MeshGateway)) return "gateways";
        if (!string.IsNullOrEmpty(match.SourceNamespace) && match.SourceNamespace != scope.Namespace) return "sourceNamespace";
        if (!scope.Satisfies(LabelSet.Of(match.SourceLabels))) return "sourceLabels";
        // Claims exist at gateways only: between sidecars such a match never holds.
        if (match.Headers.Keys.Any(IsClaim)) return "headers";
        return match.WithoutHeaders.Keys.Any(IsClaim) ? "withoutHeaders" : null;
    }

    public static RequestMatch Translate(HttpMatchRequest match) => new()
    {
        Path = Text(match.Uri),
        IgnorePathCase = match.IgnoreUriCase == true && match.Uri is { IsPresence: false, Regex: null },
        Scheme = Text(match.Scheme),
        Method = Text(match.Method),
        Authority = Text(match.Authority),
        Headers =
        [
            .. match.Headers.Where(header => !IsPseudo(header.Key)).Select(header => Named(header.Key.ToLowerInvariant(), header.Value, false))
                .Concat(match.WithoutHeaders.Where(header => !IsPseudo(header.Key)).Select(header => Named(header.Key.ToLowerInvariant(), header.Value, true)))
                .OrderBy(header => header.Name, StringComparer.Ordinal).ThenBy(header => header.Invert),
        ],
        QueryParameters = [.. match.QueryParams.Select(parameter => Named(parameter.Key, parameter.Value, false)).OrderBy(parameter => parameter.Name, StringComparer.Ordinal)],
    };

    /// <summary>Takes every request, so that nothing after it is ever reached.</summary>
    public static bool IsCatchAll(RequestMatch match) =>
        match is { Scheme: null, Method: null, Authority: null, Headers.Length: 0, QueryParameters.Length: 0 }
        && match.Path is null or { Kind: StringMatchKind.Prefix, Value: "/" } or { Kind: StringMatchKind.Regex, Value: ".*" };

    private static bool IsPseudo(string name) => PseudoHeaders.Contains(name.ToLowerInvariant());

    private static bool IsClaim(string name) => name.StartsWith("@request.auth.", StringComparison.OrdinalIgnoreCase);

    private static NamedMatch Named(string name, ApiStringMatch? value, bool invert) => new() { Name = name, Value = Text(value), Invert = invert };

    // Nothing asked but presence, in today's form and in the old one (regex "*", which is no regular expression).
    private static StringMatch? Text(ApiStringMatch? match) => match switch
    {
        null or { IsPresence: true } or { Regex: "*" } => null,
        { Exact: { } exact } => new StringMatch { Kind = StringMatchKind.Exact, Value = exact },
        { Prefix: { } prefix } => new StringMatch { Kind = StringMatchKind.Prefix, Value = prefix },
        _ => new StringMatch { Kind = StringMatchKind.Regex, Value = match.Regex! },
    };
}
