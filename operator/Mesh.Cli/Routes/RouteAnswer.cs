namespace Mesh.Cli.Routes;

/// <summary>Where a request or connection goes, and why: the members are those that scripts read, in their order.</summary>
internal sealed record RouteAnswer
{
    /// <summary>route, redirect, directResponse, notFound, broken, passthrough or blackhole.</summary>
    public required string Outcome { get; init; }

    /// <summary><c>NAMESPACE/NAME</c> of the VirtualService the rule is written in; null without one.</summary>
    public string? VirtualService { get; init; }

    /// <summary>Its place there: <c>http[2]</c>, <c>tls[0]</c>, <c>tcp[0]</c>.</summary>
    public string? Rule { get; init; }

    public string? RuleName { get; init; }

    /// <summary>Name of the route, as in the access log.</summary>
    public string? Route { get; init; }

    public IReadOnlyList<AnsweredDestination> Destinations { get; init; } = [];

    /// <summary>Of an answer that the proxy gives itself.</summary>
    public int? Status { get; init; }

    /// <summary>Of a redirection: where to.</summary>
    public string? Location { get; init; }

    public AnsweredHeaders? Headers { get; init; }

    public AnsweredRewrite? Rewrite { get; init; }

    public string? Timeout { get; init; }

    public AnsweredRetries? Retries { get; init; }

    public AnsweredFault? Fault { get; init; }

    public IReadOnlyList<AnsweredMirror> Mirrors { get; init; } = [];

    /// <summary>The key by which one client stays with one destination.</summary>
    public string? SplitBy { get; init; }

    /// <summary>A line for each rule considered.</summary>
    public IReadOnlyList<string> Why { get; init; } = [];
}
