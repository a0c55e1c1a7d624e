using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>What happens to a request on its way: CORS, faults, mirrors, rewriting, retries.</summary>
internal static class HttpFilterRules
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

    /// <summary>CORS.</summary>
    public static void Cors(FindingList found, string path, CorsPolicy? policy)
    {
        if (policy is null)
            return;
        if (policy.AllowOrigin.Count > 0)
            found.Deprecated(path + ".allowOrigin", string.Join(", ", policy.AllowOrigin), "allowOrigins with exact");
        for (var i = 0; i < policy.AllowOrigins.Count; i++)
        {
            var origin = policy.AllowOrigins[i];
            if (string.IsNullOrEmpty(origin.Exact ?? origin.Prefix ?? origin.Regex))
                found.Error($"{path}.allowOrigins[{i}]", null, "An origin must be compared with something.", "Write exact, prefix or regex.");
            else
                CommonRules.Text(found, $"{path}.allowOrigins[{i}]", origin);
        }

        for (var i = 0; i < policy.AllowMethods.Count; i++)
        {
            if (!Methods.Contains(policy.AllowMethods[i]))
                found.Error($"{path}.allowMethods[{i}]", policy.AllowMethods[i], "This is no HTTP method.", $"Write one of {string.Join(", ", Methods)}.");
        }

        CorsHeaders(found, path + ".allowHeaders", policy.AllowHeaders);
        CorsHeaders(found, path + ".exposeHeaders", policy.ExposeHeaders);
        CommonRules.Duration(found, path + ".maxAge", policy.MaxAge);
        if (policy.MaxAge is { IsWholeMilliseconds: true, IsWholeSeconds: false })
            found.Error(path + ".maxAge", policy.MaxAge, "Browsers count this in whole seconds.", "Round it to seconds.");
        if (policy.UnmatchedPreflights is { } unmatched and not ("UNSPECIFIED" or "FORWARD" or "IGNORE"))
            found.Error(path + ".unmatchedPreflights", unmatched, "This is not one of the choices.", "Write FORWARD or IGNORE.");
    }

    /// <summary>Faults made on purpose.</summary>
    public static void Fault(FindingList found, string path, HttpFaultInjection? fault)
    {
        if (fault is null)
            return;
        if (fault.Abort is null && fault.Delay is null)
            found.Error(path, null, "The fault does nothing.", "Add delay, abort or both.");
        Abort(found, path + ".abort", fault.Abort);
        Delay(found, path + ".delay", fault.Delay);
    }

    /// <summary>Copies of requests.</summary>
    public static void Mirrors(FindingList found, string path, HttpRoute route)
    {
        if (route.Mirror is not null && route.Mirrors.Count > 0)
            found.Error(path + ".mirrors", null, "mirror and mirrors exclude each other.", "Move the destination of mirror into mirrors.");
        DestinationRules.Check(found, path + ".mirror", route.Mirror);
        if (route.MirrorPercent is { } old)
        {
            found.Deprecated(path + ".mirrorPercent", old, "mirrorPercentage.value");
            CommonRules.Percent(found, path + ".mirrorPercent", old);
        }

        MirrorShare(found, path + ".mirrorPercentage", route.MirrorPercentage);
        for (var i = 0; i < route.Mirrors.Count; i++)
        {
            var at = $"{path}.mirrors[{i}]";
            if (route.Mirrors[i].Destination is null)
                found.Error(at + ".destination", null, "A destination is needed.", "Add destination.host.");
            DestinationRules.Check(found, at + ".destination", route.Mirrors[i].Destination);
            MirrorShare(found, at + ".percentage", route.Mirrors[i].Percentage);
        }
    }

    /// <summary>Changes of path and host.</summary>
    public static void Rewrite(FindingList found, string path, HttpRewrite? rewrite)
    {
        if (rewrite is null)
            return;
        if (rewrite.UriRegexRewrite is null && string.IsNullOrEmpty(rewrite.Uri) && string.IsNullOrEmpty(rewrite.Authority))
            found.Error(path, null, "The rewrite changes nothing.", "Give uri, uriRegexRewrite or authority.");
        if (rewrite.UriRegexRewrite is not { } expression)
            return;
        if (!string.IsNullOrEmpty(rewrite.Uri))
            found.Error(path + ".uriRegexRewrite", null, "uri and uriRegexRewrite exclude each other.", "Keep one of them.");
        if (string.IsNullOrEmpty(expression.Match) || string.IsNullOrEmpty(expression.Rewrite))
            found.Error(path + ".uriRegexRewrite", null, "Both match and rewrite are needed.", "Give both.");
        if (!string.IsNullOrEmpty(expression.Match))
            CommonRules.Expression(found, path + ".uriRegexRewrite.match", expression.Match);
    }

    /// <summary>Retries.</summary>
    public static void Retries(FindingList found, string path, HttpRetry? retries)
    {
        if (retries is null)
            return;
        if (retries.Attempts < 0)
            found.Error(path + ".attempts", retries.Attempts, "The number of retries cannot be negative.", "Write 0 for none, or how many further tries there may be.");
        if ((retries.Attempts ?? 0) == 0 && (retries.PerTryTimeout is not null || !string.IsNullOrEmpty(retries.RetryOn) || retries.RetryRemoteLocalities is not null))
            found.Error(path + ".attempts", retries.Attempts ?? 0, "Retries are described in detail but switched off, for attempts is 0.", "Set attempts to 1 or more, or remove the other fields.");
        CommonRules.Duration(found, path + ".perTryTimeout", retries.PerTryTimeout);
        CommonRules.Duration(found, path + ".backoff", retries.Backoff);
        foreach (var condition in (retries.RetryOn ?? "").Split(',').Where(c => c.Length > 0 || !string.IsNullOrEmpty(retries.RetryOn)))
        {
            if (!RetryConditions.IsKnown(condition))
                found.Error(path + ".retryOn", condition, "This is no condition for a retry.", RetryConditions.Suggestion(condition));
        }
    }

    private static void Abort(FindingList found, string path, FaultAbort? abort)
    {
        if (abort is null)
            return;
        CommonRules.Percent(found, path + ".percentage", abort.Percentage);
        if (abort.HttpStatus is { } status and (< 200 or > 600))
            found.Error(path + ".httpStatus", status, "A status code is between 200 and 599.", "Write such a number, e.g. 503.");
        if (abort.GrpcStatus is { } name && !GrpcStatuses.IsName(name))
            found.Error(path + ".grpcStatus", name, "This is no gRPC status.", "Write one by its name, e.g. UNAVAILABLE or DEADLINE_EXCEEDED.");
        if (abort.Http2Error is { } error)
            found.Error(path + ".http2Error", error, "HTTP/2 errors cannot be injected; Istio never could either.", "Use httpStatus or grpcStatus.");
        if (abort.HttpStatus is null && abort.GrpcStatus is null && abort.Http2Error is null)
            found.Warning(path, null, "The abort says not what to answer, so it does nothing.", "Add httpStatus or grpcStatus.");
        else if (abort.Percentage is null)
            found.Warning(path, null, "Without percentage nobody is aborted.", "Add percentage.value.");
    }

    private static void Delay(FindingList found, string path, FaultDelay? delay)
    {
        if (delay is null)
            return;
        CommonRules.Percent(found, path + ".percentage", delay.Percentage);
        CommonRules.Duration(found, path + ".fixedDelay", delay.FixedDelay);
        if (delay.ExponentialDelay is { } exponential)
            found.Error(path + ".exponentialDelay", exponential, "Exponential delays do not exist; Istio never had them either.", "Use fixedDelay.");
        if (delay.Percent is { } old)
        {
            found.Deprecated(path + ".percent", old, "percentage.value");
            CommonRules.Percent(found, path + ".percent", old);
        }
        else if (delay.Percentage is null)
        {
            found.Warning(path, null, "Without percentage nobody is delayed.", "Add percentage.value.");
        }
    }

    private static void MirrorShare(FindingList found, string path, Percent? share)
    {
        if (share?.Value is { } value and (< 0 or > 100))
            found.Error(path + ".value", value, "A percentage is between 0 and 100.", "Write a number between 0 and 100.");
    }

    private static void CorsHeaders(FindingList found, string path, IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] != "*" && !HeaderSyntax.IsPlainName(names[i]))
                found.Error($"{path}[{i}]", names[i], "This is no name of a header.", "Write letters, digits, hyphens and underscores, or * for all.");
        }
    }
}
