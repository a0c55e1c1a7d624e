using System.Collections.Immutable;
using System.Globalization;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>A CORS policy ready for use.</summary>
public sealed class CompiledCors(CorsPolicy config)
{
    private readonly ImmutableArray<StringMatcher> origins = [.. config.AllowOrigins.Select(origin => new StringMatcher(origin))];

    /// <summary>Preflights of other origins are answered too, without the headers that permit.</summary>
    public bool AnswersUnmatchedPreflights => config.AnswerUnmatchedPreflights;

    /// <summary>Whether this origin is let in; a match for <c>*</c> lets in every one.</summary>
    public bool LetsIn(string origin)
    {
        foreach (var matcher in origins)
        {
            if (matcher.IsMatch("*") || matcher.IsMatch(origin)) return true;
        }

        return false;
    }

    /// <summary>The headers of an answer to the origin that was let in; what the application said of them is replaced.</summary>
    public void Permit(IHeaders response, string origin)
    {
        response.Set("access-control-allow-origin", origin);
        if (config.AllowCredentials == true) response.Set("access-control-allow-credentials", "true");
        if (config.ExposeHeaders.Length > 0) response.Set("access-control-expose-headers", config.ExposeHeaders);
    }

    /// <summary>The headers that answer a preflight.</summary>
    public ImmutableArray<HeaderValue> AnswerToPreflight(Exchange exchange)
    {
        var answer = ImmutableArray.CreateBuilder<HeaderValue>();
        if (exchange.CorsOrigin is { } origin) answer.Add(new("access-control-allow-origin", origin));
        if (config.AllowCredentials == true) answer.Add(new("access-control-allow-credentials", "true"));
        Add("access-control-allow-methods", config.AllowMethods, "access-control-request-method");
        Add("access-control-allow-headers", config.AllowHeaders, "access-control-request-headers");
        if (config.MaxAge is { } age) answer.Add(new("access-control-max-age", ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        return answer.ToImmutable();

        // "*" permits what is asked for, by name: browsers take no star where credentials are sent.
        void Add(string name, string value, string asked)
        {
            if (value == "*") value = exchange.Headers.Get(asked) ?? "";
            if (value.Length > 0) answer.Add(new(name, value));
        }
    }
}
