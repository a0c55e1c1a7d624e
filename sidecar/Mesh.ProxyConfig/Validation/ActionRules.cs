namespace Mesh.Config;

/// <summary>Rules of what a route does beside choosing a destination.</summary>
internal static class ActionRules
{
    private const int MostBody = 1024 * 1024;

    public static void Check(ConfigPath at, Route route, ProblemList problems)
    {
        if (route.Redirect is { } redirect) Check(at.Down("redirect"), redirect, problems);
        if (route.DirectResponse is { } direct) Check(at.Down("directResponse"), direct, problems);
        if (route.Rewrite is { } rewrite) Check(at.Down("rewrite"), rewrite, problems);
        if (route.Fault is { } fault) Check(at.Down("fault"), fault, problems);
        if (route.SplitBy is { } key) ClusterPolicyRules.Check(at.Down("splitBy"), key, problems);
        if (route.Cors is { } cors) Check(at.Down("cors"), cors, problems);
        for (var m = 0; m < route.Mirrors.Length; m++) problems.CheckPercent(at.Down("mirrors", m), "percent", route.Mirrors[m].Percent);
        HeaderRules.Check(at.Down("headers"), route.Headers, problems);
        for (var d = 0; d < route.Destinations.Length; d++)
            HeaderRules.Check(at.Down("destinations", d).Down("headers"), route.Destinations[d].Headers, problems);
    }

    private static void Check(ConfigPath at, Redirect redirect, ProblemList problems)
    {
        if (redirect.Status is not (301 or 302 or 303 or 307 or 308)) problems.Add(at, "status", $"{redirect.Status} is not 301, 302, 303, 307 or 308");
        if (redirect.Port is { } port) problems.CheckPort(at, "port", port);
        if (redirect is { Port: not null, RequestPort: true }) problems.Add(at, "requestPort", "excludes port");
        if (redirect.Prefix.Length > 0 && redirect.Path is null) problems.Add(at, "prefix", "is given without a path in its place");
        if (redirect.Scheme is { } scheme && (scheme.Length == 0 || !scheme.All(char.IsAsciiLetter))) problems.Add(at, "scheme", $"'{scheme}' is not a scheme");
        CheckAuthority(at, redirect.Authority, problems);
    }

    private static void Check(ConfigPath at, DirectResponse direct, ProblemList problems)
    {
        if (direct.Status is < 200 or > 600) problems.Add(at, "status", $"{direct.Status} is not a final status (200 to 599)");
        if (direct.Body.Length > MostBody) problems.Add(at, "body", $"has {direct.Body.Length} bytes; at most {MostBody} are sent");
    }

    private static void Check(ConfigPath at, Rewrite rewrite, ProblemList problems)
    {
        if (rewrite is { Path: not null, Regex: not null }) problems.Add(at, "regex", "excludes path");
        if (rewrite.Prefix.Length > 0 && rewrite.Path is null) problems.Add(at, "prefix", "is given without a path in its place");
        if (rewrite.Regex is { } regex && Re2.Problem(regex.Pattern, wholeMatch: false) is { } pattern) problems.Add(at, "regex.pattern", pattern);
        else if (rewrite.Regex is { } substitution && Re2Substitution.Problem(substitution) is { } wrong) problems.Add(at, "regex.substitution", wrong);
        CheckAuthority(at, rewrite.Authority, problems);
    }

    private static void Check(ConfigPath at, Fault fault, ProblemList problems)
    {
        problems.CheckPercent(at, "delayPercent", fault.DelayPercent);
        problems.CheckPercent(at, "abortPercent", fault.AbortPercent);
        problems.CheckPositive(at, "delay", fault.Delay);
        if (fault.AbortStatus is < 200 or > 600) problems.Add(at, "abortStatus", $"{fault.AbortStatus} is not a final status (200 to 599)");
        if (fault.AbortGrpcStatus is < 0) problems.Add(at, "abortGrpcStatus", $"{fault.AbortGrpcStatus} is below zero");
        if (fault is { AbortStatus: not null, AbortGrpcStatus: not null }) problems.Add(at, "abortGrpcStatus", "excludes abortStatus");
    }

    private static void Check(ConfigPath at, CorsPolicy cors, ProblemList problems)
    {
        for (var o = 0; o < cors.AllowOrigins.Length; o++) MatchRules.Check(at.Down("allowOrigins", o), cors.AllowOrigins[o], problems);
        problems.CheckText(at, "allowMethods", cors.AllowMethods);
        problems.CheckText(at, "allowHeaders", cors.AllowHeaders);
        problems.CheckText(at, "exposeHeaders", cors.ExposeHeaders);
        if (cors.MaxAge < TimeSpan.Zero) problems.Add(at, "maxAge", "is below zero");
    }

    private static void CheckAuthority(ConfigPath at, string? authority, ProblemList problems)
    {
        if (authority is null) return;
        if (authority.Length == 0) problems.Add(at, "authority", "is empty");
        foreach (var c in authority)
        {
            if (c is > ' ' and < '\x7f' and not ('/' or '?' or '#' or '@' or '\\')) continue;
            problems.Add(at, "authority", $"'{authority}' is not a host");
            return;
        }
    }
}
