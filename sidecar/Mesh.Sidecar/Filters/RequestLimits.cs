using System.Buffers;
using System.Globalization;
using Mesh.Config;

namespace Mesh.Sidecar.Filters;

/// <summary>
/// Time and tries of one request: the route's, changed by what the caller asks for in Envoy's request headers
/// (<c>x-envoy-upstream-rq-timeout-ms</c>, <c>x-envoy-upstream-rq-per-try-timeout-ms</c>, <c>x-envoy-max-retries</c>,
/// <c>x-envoy-retry-on</c>, <c>x-envoy-retry-grpc-on</c>, <c>x-envoy-retriable-status-codes</c>,
/// <c>x-envoy-retriable-header-names</c>). They are for this proxy and are taken out.
/// </summary>
/// <param name="Timeout">Over all tries; <c>null</c> is none.</param>
/// <param name="Retry">Terms of further tries.</param>
public readonly record struct RequestLimits(TimeSpan? Timeout, RetryTerms Retry)
{
    // RFC 9110 section 5.6.2: what a header's name may hold.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>The limits of this request; takes the headers out.</summary>
    /// <param name="timeout">The route's.</param>
    /// <param name="terms">The route's.</param>
    /// <param name="headers">Of the request.</param>
    public static RequestLimits Of(TimeSpan? timeout, RetryTerms terms, IHeaders headers)
    {
        if (Take(headers, "x-envoy-upstream-rq-timeout-ms") is { } text && Milliseconds(text) is { } asked) timeout = asked == TimeSpan.Zero ? null : asked;
        terms = Widen(terms, headers);
        if (Take(headers, "x-envoy-upstream-rq-per-try-timeout-ms") is { } perTry && Milliseconds(perTry) is { } limit)
            terms = terms with { PerTryTimeout = limit == TimeSpan.Zero ? null : limit };

        // A try may not take longer than all of them together: such a limit says nothing.
        if (timeout is not null && terms.PerTryTimeout >= timeout) terms = terms with { PerTryTimeout = null };
        return new RequestLimits(timeout, terms);
    }

    // What the caller asks for is added to the route's conditions; its number of tries replaces the route's, but means
    // nothing where there is no condition. Conditions without a number are one further try. Codes and names of headers act
    // where their condition is named, by the caller or, of headers, by the route; the route's own codes stand for the word.
    private static RetryTerms Widen(RetryTerms terms, IHeaders headers)
    {
        var on = Take(headers, "x-envoy-retry-on");
        var grpcOn = Take(headers, "x-envoy-retry-grpc-on");
        var codes = Take(headers, "x-envoy-retriable-status-codes");
        var names = Take(headers, "x-envoy-retriable-header-names");
        var most = Take(headers, "x-envoy-max-retries");
        if (on is null && grpcOn is null && most is null && codes is null && names is null) return terms;

        var conditions = terms.Conditions | Conditions(on) | Conditions(grpcOn);
        var statusCodes = terms.StatusCodes;
        if (codes is not null && (!statusCodes.IsEmpty || Names(on).Contains("retriable-status-codes"))) statusCodes = statusCodes.AddRange(Codes(codes));
        if (conditions == 0 && statusCodes.IsEmpty) return terms;
        var attempts = terms.Attempts == 0 ? 1 : terms.Attempts;
        if (int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) attempts = number;
        terms = terms with { Attempts = attempts, Conditions = conditions, StatusCodes = statusCodes };
        return names is not null && terms.Has(RetryCondition.RetriableHeaders) ? terms with { HeaderNames = [.. Names(names).Where(IsName)] } : terms;
    }

    private static bool IsName(string name) => !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private static string? Take(IHeaders headers, string name)
    {
        var value = headers.Get(name);
        if (value is not null) headers.Remove(name);
        return value;
    }

    private static TimeSpan? Milliseconds(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static IEnumerable<int> Codes(string list) => Names(list)
        .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0)
        .Where(code => code is >= 100 and <= 599);

    private static int Conditions(string? list)
    {
        var bits = 0;
        foreach (var name in Names(list))
        {
            if (RetryConditionNames.Find(name) is { } condition) bits |= RetryTerms.Bit(condition);
        }

        return bits;
    }
}
