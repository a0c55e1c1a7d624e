namespace Mesh.Config;

/// <summary>Rules of <see cref="RouteTable"/>.</summary>
internal static class RouteRules
{
    public static void Check(RouteTable table, ConfigNames names, ProblemList problems, bool skipContent)
    {
        if (!skipContent) CheckContent(table, problems);
        // References may dangle although the table itself is as it was.
        for (var h = 0; h < table.VirtualHosts.Length; h++)
        {
            for (var r = 0; r < table.VirtualHosts[h].Routes.Length; r++)
                CheckReferences(At(table, h).Down("routes", r), table.VirtualHosts[h].Routes[r], names, problems);
        }
    }

    private static void CheckReferences(ConfigPath at, Route route, ConfigNames names, ProblemList problems)
    {
        names.CheckDestinations(at, "destinations", route.Destinations, problems);
        for (var m = 0; m < route.Mirrors.Length; m++)
        {
            var cluster = route.Mirrors[m].Cluster;
            if (!names.HasCluster(cluster)) problems.Add(at.Down("mirrors", m), "cluster", $"there is no cluster '{cluster}'");
        }
    }

    /// <summary>All but whether destinations exist.</summary>
    public static void CheckContent(RouteTable table, ProblemList problems)
    {
        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var h = 0; h < table.VirtualHosts.Length; h++)
        {
            var host = table.VirtualHosts[h];
            var at = At(table, h);
            if (host.Domains.IsEmpty) problems.Add(at, "domains", "there must be one at least");
            foreach (var domain in host.Domains)
            {
                HostRules.Check(at, "domains", domain, problems);
                if (!domains.Add(domain)) problems.Add(at, "domains", $"'{domain}' stands twice in this table");
            }

            for (var r = 0; r < host.Routes.Length; r++) Check(at.Down("routes", r), host.Routes[r], problems);
        }
    }

    public static void CheckBroken(ConfigPath at, BrokenRoute broken, ProblemList problems)
    {
        if (broken.Status is < 400 or > 599) problems.Add(at, "status", $"{broken.Status} is not an error status (400 to 599)");
    }

    private static ConfigPath At(RouteTable table, int host) => new ConfigPath(SectionNames.Routes + table.Name).Down("virtualHosts", host);

    private static void Check(ConfigPath at, Route route, ProblemList problems)
    {
        var answers = new object?[] { route.Broken, route.Redirect, route.DirectResponse }.Count(answer => answer is not null);
        if (answers == 0 && route.Destinations.IsEmpty) problems.Add(at, "destinations", "there must be one at least, or the route redirects, answers or is broken");
        if (answers > 0 && !route.Destinations.IsEmpty) problems.Add(at, "destinations", "a route that redirects, answers or is broken has none");
        if (answers > 1) problems.Add(at, "", "only one of redirect, directResponse and broken is given");
        if (route.Broken is { } broken) CheckBroken(at.Down("broken"), broken, problems);
        problems.CheckPositive(at, "timeout", route.Timeout);
        if (route.Retry is { } retry) Check(at.Down("retry"), retry, problems);
        ActionRules.Check(at, route, problems);
        for (var m = 0; m < route.Matches.Length; m++) MatchRules.Check(at.Down("matches", m), route.Matches[m], problems);
    }

    internal static void Check(ConfigPath at, RetryPolicy retry, ProblemList problems)
    {
        if (retry.Attempts < 0) problems.Add(at, "attempts", $"{retry.Attempts} is below zero");
        problems.CheckPositive(at, "perTryTimeout", retry.PerTryTimeout);
        problems.CheckPositive(at, "backoffBase", retry.BackoffBase);
        if (retry.BackoffMax < retry.BackoffBase) problems.Add(at, "backoffMax", "is below backoffBase");
        foreach (var condition in retry.RetryOn) problems.CheckDefined(at, "retryOn", condition);
        foreach (var status in retry.StatusCodes)
        {
            if (status is < 100 or > 599) problems.Add(at, "statusCodes", $"{status} is not a status code");
        }
    }
}
