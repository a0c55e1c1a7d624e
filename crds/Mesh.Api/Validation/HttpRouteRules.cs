using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>One HTTP rule.</summary>
internal static class HttpRouteRules
{
    /// <summary>Everything within it.</summary>
    public static void Check(FindingList found, string path, HttpRoute route, bool isDelegate, bool onGatewaysOnly)
    {
        Action(found, path, route, isDelegate);
        for (var i = 0; i < route.Match.Count; i++)
            HttpMatchRules.Check(found, $"{path}.match[{i}]", route.Match[i], onGatewaysOnly);
        HeaderRules.Check(found, path + ".headers", route.Headers);
        HeaderRules.SingleAuthority(found, path, route);
        HttpFilterRules.Cors(found, path + ".corsPolicy", route.CorsPolicy);
        HttpFilterRules.Fault(found, path + ".fault", route.Fault);
        HttpFilterRules.Mirrors(found, path, route);
        HttpFilterRules.Rewrite(found, path + ".rewrite", route.Rewrite);
        HttpFilterRules.Retries(found, path + ".retries", route.Retries);
        Redirect(found, path, route);
        DirectResponse(found, path + ".directResponse", route.DirectResponse);
        DestinationRules.Check(found, path + ".route", route.Route);
        CommonRules.Duration(found, path + ".timeout", route.Timeout, zeroAllowed: true);
    }

    // A rule does exactly one thing.
    private static void Action(FindingList found, string path, HttpRoute route, bool isDelegate)
    {
        if (route.Delegate is not null)
        {
            if (isDelegate)
                found.Error(path + ".delegate", route.Delegate.Name, "A delegate cannot delegate any further.", "Route from here, or give the object hosts.");
            else if (string.IsNullOrEmpty(route.Delegate.Name))
                found.Error(path + ".delegate.name", null, "A delegate needs a name.", "Name a VirtualService without hosts.");
            Excludes(found, path, "delegate", ("redirect", route.Redirect), ("route", Any(route.Route)));
            if (route.DirectResponse is not null)
                found.Warning(path + ".directResponse", null, "It answers whatever the delegate would route.", "Remove directResponse or delegate.");
        }
        else if (route.Redirect is not null)
        {
            Excludes(found, path, "redirect", ("route", Any(route.Route)), ("fault", route.Fault), ("rewrite", route.Rewrite), ("directResponse", route.DirectResponse));
        }
        else if (route.DirectResponse is not null)
        {
            Excludes(found, path, "directResponse", ("route", Any(route.Route)), ("fault", route.Fault), ("rewrite", route.Rewrite));
        }
        else if (route.Route.Count == 0)
        {
            found.Error(path, null, "The rule says nowhere to go.", "Add route with a destination, or redirect, directResponse or delegate.");
        }
    }

    private static object? Any(IReadOnlyList<HttpRouteDestination> route) => route.Count == 0 ? null : route;

    private static void Excludes(FindingList found, string path, string field, params ReadOnlySpan<(string Name, object? Value)> others)
    {
        foreach (var (name, value) in others)
        {
            if (value is not null)
                found.Error($"{path}.{name}", null, $"A rule with {field} cannot have {name}.", $"Remove {name} or {field}.");
        }
    }

    private static void Redirect(FindingList found, string path, HttpRoute route)
    {
        if (route.Redirect is not { } redirect)
            return;
        var at = path + ".redirect";
        if (Empty(redirect.Uri) && Empty(redirect.Authority) && Empty(redirect.Scheme) && Empty(redirect.PrefixRewrite) && redirect.Port is null && redirect.DerivePort is null)
            found.Error(at, null, "The redirection leads nowhere.", "Give at least one of uri, prefixRewrite, authority, scheme and port.");
        if (!Empty(redirect.Uri) && !Empty(redirect.PrefixRewrite))
            found.Error(at + ".prefixRewrite", redirect.PrefixRewrite, "uri and prefixRewrite exclude each other.", "Keep one of them.");
        if (redirect.RedirectCode is { } code and not 0)
            RedirectCode(found, at + ".redirectCode", code);
        if (redirect.Scheme is { Length: > 0 } scheme and not ("http" or "https"))
            found.Error(at + ".scheme", scheme, "A scheme is http or https.", "Write http or https.");
        if (redirect.Port is { } port and not 0 && !DnsNames.IsPort(port))
            found.Error(at + ".port", port, "A port is a number between 1 and 65535.", "Write such a number.");
        if (redirect.DerivePort is { } derive and not ("FROM_PROTOCOL_DEFAULT" or "FROM_REQUEST_PORT"))
            found.Error(at + ".derivePort", derive, "This says not where the port comes from.", "Write FROM_PROTOCOL_DEFAULT or FROM_REQUEST_PORT.");
        if (!Empty(redirect.PrefixRewrite) && route.Match.Any(m => m.Uri is { Prefix: null }))
            found.Error(at + ".prefixRewrite", redirect.PrefixRewrite, "A prefix can only be replaced where the rule matches by prefix.", "Match uri by prefix, or use uri for the whole path.");
    }

    private static void RedirectCode(FindingList found, string path, int code)
    {
        if (code is < 300 or > 399)
            found.Error(path, code, "The status of a redirection is 3xx.", "Write 301, 302, 303, 307 or 308.");
        else if (code is not (301 or 302 or 303 or 307 or 308))
            found.Warning(path, code, "Clients do not follow this status as a redirection.", "Write 301, 302, 303, 307 or 308.");
    }

    private static void DirectResponse(FindingList found, string path, HttpDirectResponse? response)
    {
        const int Wise = 100 * 1024;
        const int Most = 1024 * 1024;
        if (response is null)
            return;
        if (response.Status is not { } status || status is < 200 or > 600)
            found.Error(path + ".status", response.Status, "A status code is between 200 and 599.", "Write such a number, e.g. 503.");
        var (size, readable) = Size(response.Body);
        if (!readable)
            found.Warning(path + ".body.bytes", response.Body!.Bytes, "This is no base64.", "Encode the bytes in base64, or use string.");
        if (size > Most)
            found.Error(path + ".body", null, $"The body has {size} bytes; 1 MiB is the most.", "Serve it from an application.");
        else if (size > Wise)
            found.Warning(path + ".body", null, $"The body has {size} bytes, and every proxy keeps it in memory.", "Serve it from an application.");
        if (response.Body is { String: not null, Bytes: not null })
            found.Error(path + ".body", null, "A body is given as text or as bytes.", "Keep one of string and bytes.");
    }

    // As it is sent.
    private static (int Size, bool Readable) Size(HttpBody? body)
    {
        if (body?.Bytes is not { } bytes)
            return (System.Text.Encoding.UTF8.GetByteCount(body?.String ?? ""), true);
        return Convert.TryFromBase64String(bytes, new byte[bytes.Length], out var size) ? (size, true) : (bytes.Length, false);
    }

    private static bool Empty(string? text) => string.IsNullOrEmpty(text);
}
