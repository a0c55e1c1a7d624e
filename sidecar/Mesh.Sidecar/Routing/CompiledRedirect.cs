using System.Globalization;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Where a client is sent: what the rule does not give stays as the client asked.</summary>
public sealed class CompiledRedirect(Redirect config)
{
    private readonly string? path = config.Path is { } path ? RequestPath.Escape(path) : null;

    /// <summary>Status of the answer.</summary>
    public int Status => config.Status;

    /// <summary>The location for this request.</summary>
    public string LocationFor(Exchange exchange)
    {
        var target = TargetFor(exchange);
        if (config.Authority is null && exchange.Authority.Length == 0) return target; // HTTP/1.0 without Host: relative to what was asked
        var scheme = config.Scheme ?? exchange.Scheme;
        return $"{scheme}://{AuthorityFor(exchange, scheme)}{target}";
    }

    private string TargetFor(Exchange exchange)
    {
        if (path is null) return exchange.Path + exchange.Query;
        var whole = config.Prefix.Length == 0 ? path : RequestPath.ReplacePrefix(exchange.Path, config.Prefix, path);
        return path.Contains('?') ? whole : whole + exchange.Query; // a query of the rule's own takes the place of the client's
    }

    private string AuthorityFor(Exchange exchange, string scheme)
    {
        var port = config.RequestPort ? exchange.OriginalDestination?.Port : config.Port;
        if (port is null && config.Authority is not null) return config.Authority;
        if (port is null && (config.Scheme is null || config.Scheme == exchange.Scheme)) return exchange.Authority;

        var host = config.Authority ?? WithoutPort(exchange.Authority, exchange.Scheme, always: port is not null).ToString();
        return port is null || port == DefaultPort(scheme) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
    }

    // The port of the scheme that the client used means nothing under another scheme; one of its own choice stays.
    private static ReadOnlySpan<char> WithoutPort(string authority, string scheme, bool always)
    {
        var colon = authority.LastIndexOf(':');
        if (colon <= authority.LastIndexOf(']')) return authority;
        var isDefault = int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port == DefaultPort(scheme);
        return always || isDefault ? authority.AsSpan(0, colon) : authority;
    }

    private static int DefaultPort(string scheme) => scheme switch
    {
        "http" => 80,
        "https" => 443,
        _ => 0,
    };
}
