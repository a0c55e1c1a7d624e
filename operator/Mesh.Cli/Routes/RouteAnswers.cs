using System.Globalization;
using Mesh.Config;
using Mesh.Sidecar;
using Mesh.Sidecar.Routing;

namespace Mesh.Cli.Routes;

/// <summary>A route as the proxy was told -> the answer in words that scripts read.</summary>
internal static class RouteAnswers
{
    public static RouteAnswer Of(CompiledRoute found, Exchange request, string? ruleName, IReadOnlyList<string> why)
    {
        var route = found.Config;
        var answer = new RouteAnswer
        {
            Outcome = route switch { { Redirect: not null } => "redirect", { DirectResponse: not null } => "directResponse", { Broken: not null } => "broken", _ => "route" },
            RuleName = string.IsNullOrEmpty(ruleName) ? null : ruleName,
            Route = route.Name,
            Destinations = Destinations(route.Destinations),
            Status = route.Redirect?.Status ?? route.DirectResponse?.Status ?? route.Broken?.Status ?? OnlyBroken(route),
            Location = found.Redirect?.LocationFor(request),
            Headers = AnsweredHeaders.Of(route.Headers),
            Rewrite = Rewrite(found, request),
            Timeout = Text(route.Timeout),
            Retries = route.Retry is { } retry ? new AnsweredRetries(retry.Attempts, Text(retry.PerTryTimeout), Conditions(retry)) : null,
            Fault = Fault(route.Fault),
            Mirrors = [.. route.Mirrors.Select(mirror => new AnsweredMirror(mirror.Cluster, mirror.Percent))],
            SplitBy = Text(route.SplitBy),
            Why = why,
        };
        return WithOrigin(answer, route.Origin);
    }

    public static IReadOnlyList<AnsweredDestination> Destinations(IReadOnlyList<WeightedCluster> destinations) =>
    [
        // A single one takes all, whatever its weight.
        .. destinations.Select(destination => new AnsweredDestination(destination.Cluster, destinations.Count == 1 ? 100 : destination.Weight)
        {
            Status = destination.Broken?.Status,
            Message = destination.Broken?.Message,
            Headers = AnsweredHeaders.Of(destination.Headers),
        }),
    ];

    /// <summary>Adds whose rule it is.</summary>
    public static RouteAnswer WithOrigin(RouteAnswer answer, string origin)
    {
        if (origin.Split('#') is not [var owner, var rule]) return answer;
        return answer with { VirtualService = owner[(owner.IndexOf('/', StringComparison.Ordinal) + 1)..], Rule = rule };
    }

    /// <summary>The rule as people write it: <c>NAMESPACE/NAME http[2]</c>.</summary>
    public static string RuleOf(string origin) =>
        origin.Split('#') is [var owner, var rule] ? $"{owner[(owner.IndexOf('/', StringComparison.Ordinal) + 1)..]} {rule}" : origin;

    // With nowhere else to go every request is answered so.
    private static int? OnlyBroken(Route route) => !route.Destinations.IsEmpty && route.Destinations.All(destination => destination.Broken is not null) ? route.Destinations[0].Broken!.Status : null;

    private static AnsweredRewrite? Rewrite(CompiledRoute found, Exchange request) => found.Rewrite is not { } rewrite ? null
        : new AnsweredRewrite(rewrite.ChangesPath ? rewrite.PathFor(request.Path) : null, rewrite.Authority);

    private static AnsweredFault? Fault(Fault? fault) => fault is null ? null : new AnsweredFault(
        fault.Delay is { } delay ? new AnsweredDelay(Text(delay)!, fault.DelayPercent) : null,
        fault.AbortPercent > 0 ? new AnsweredAbort(fault.AbortStatus, fault.AbortGrpcStatus, fault.AbortPercent) : null);

    private static string Conditions(RetryPolicy retry) => string.Join(',',
        retry.RetryOn.Select(RetryConditionNames.NameOf).Concat(retry.StatusCodes.Select(code => code.ToString(CultureInfo.InvariantCulture))));

    private static string? Text(HashKey? key) => key switch
    {
        null => null,
        { Header: { } header } => $"header {header}",
        { Cookie: { } cookie } => $"cookie {cookie.Name}",
        { QueryParameter: { } parameter } => $"query parameter {parameter}",
        _ => "source address",
    };

    private static string? Text(TimeSpan? time) => time is null ? null : string.Create(CultureInfo.InvariantCulture, $"{time.Value.TotalSeconds:0.#######}s");
}
