using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One HTTP rule: which requests it takes and what is done with them.</summary>
public sealed record HttpRoute
{
    /// <summary>Name of the rule, shown in the access log together with the name of the match.</summary>
    public string? Name { get; init; }

    /// <summary>Any of these must match; within one, all its fields must. None given takes every request.</summary>
    public IReadOnlyList<HttpMatchRequest> Match { get; init; } = [];

    /// <summary>Where the request goes; with several, drawn by weight for each request.</summary>
    public IReadOnlyList<HttpRouteDestination> Route { get; init; } = [];

    /// <summary>Answer with a redirection instead of forwarding.</summary>
    public HttpRedirect? Redirect { get; init; }

    /// <summary>Answer with a fixed response instead of forwarding.</summary>
    public HttpDirectResponse? DirectResponse { get; init; }

    /// <summary>Go on with the rules of another VirtualService that has no hosts of its own.</summary>
    public HttpDelegate? Delegate { get; init; }

    /// <summary>Change path and host before forwarding.</summary>
    public HttpRewrite? Rewrite { get; init; }

    /// <summary>
    /// How long the whole request may take, all retries included, e.g. <c>2s</c>. Default and <c>0s</c>: no limit.
    /// Past it the caller gets 504.
    /// </summary>
    public Duration? Timeout { get; init; }

    /// <summary>When and how often a failed request is tried again. Absent: 2 retries where nothing was sent yet.</summary>
    public HttpRetry? Retries { get; init; }

    /// <summary>Delay or abort a share of requests on purpose, to see how callers take it. Timeout and retries do not apply to them.</summary>
    public HttpFaultInjection? Fault { get; init; }

    /// <summary>Send a copy of requests here too; its answer is thrown away. Excludes <c>mirrors</c>.</summary>
    public Destination? Mirror { get; init; }

    /// <summary>Deprecated: use <c>mirrorPercentage</c>.</summary>
    [Range(0, 100)]
    public int? MirrorPercent { get; init; }

    /// <summary>Share of requests that <c>mirror</c> gets. Default: all.</summary>
    public Percent? MirrorPercentage { get; init; }

    /// <summary>Send copies of requests to several places, each with its own share. Excludes <c>mirror</c>.</summary>
    public IReadOnlyList<HttpMirrorPolicy> Mirrors { get; init; } = [];

    /// <summary>Which web pages of other origins may call this (CORS).</summary>
    public CorsPolicy? CorsPolicy { get; init; }

    /// <summary>Change request and response headers.</summary>
    public Headers? Headers { get; init; }
}
