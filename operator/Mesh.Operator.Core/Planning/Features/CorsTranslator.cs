using System.Collections.Immutable;
using Mesh.Config;
using ApiCorsPolicy = Mesh.Api.Networking.CorsPolicy;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's answers to cross-origin requests.</summary>
internal static class CorsTranslator
{
    private static readonly StringMatch Anything = new() { Kind = StringMatchKind.Regex, Value = ".*" };

    public static CorsPolicy? Translate(ApiCorsPolicy? policy) => policy is null ? null : new CorsPolicy
    {
        AllowOrigins = Origins(policy),
        AllowMethods = string.Join(',', policy.AllowMethods),
        AllowHeaders = string.Join(',', policy.AllowHeaders),
        ExposeHeaders = string.Join(',', policy.ExposeHeaders),
        MaxAge = policy.MaxAge?.Value is { } age && age >= TimeSpan.Zero ? age : null,
        AllowCredentials = policy.AllowCredentials,
        AnswerUnmatchedPreflights = policy.UnmatchedPreflights == "IGNORE",
    };

    // The field of old times counts only where today's is not used.
    private static ImmutableArray<StringMatch> Origins(ApiCorsPolicy policy) => policy.AllowOrigins.Count > 0
        ? [.. policy.AllowOrigins.Select(Of)]
        : [.. policy.AllowOrigin.Select(origin => Of(new Api.StringMatch { Exact = origin }))];

    // A star by itself has always stood for every origin.
    private static StringMatch Of(Api.StringMatch origin) => origin switch
    {
        { Exact: "*" } or { Regex: "*" } or { IsPresence: true } => Anything,
        { Exact: { } exact } => new StringMatch { Kind = StringMatchKind.Exact, Value = exact },
        { Prefix: { } prefix } => new StringMatch { Kind = StringMatchKind.Prefix, Value = prefix },
        _ => new StringMatch { Kind = StringMatchKind.Regex, Value = origin.Regex! },
    };
}
