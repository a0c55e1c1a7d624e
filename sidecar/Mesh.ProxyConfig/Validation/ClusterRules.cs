using System.Net;

namespace Mesh.Config;

/// <summary>Rules of <see cref="Cluster"/> and <see cref="EndpointGroup"/>.</summary>
internal static class ClusterRules
{
    public static void Check(Cluster cluster, ProblemList problems)
    {
        var at = new ConfigPath(SectionNames.Clusters + cluster.Host, cluster.Name);
        problems.CheckPort(at, "port", cluster.Port);
        problems.CheckDefined(at, "protocol", cluster.Protocol);
        problems.CheckDefined(at, "discovery", cluster.Discovery);
        problems.CheckDefined(at, "loadBalancing", cluster.LoadBalancing);
        problems.CheckPositive(at, "connectTimeout", cluster.ConnectTimeout);
        if (cluster.ProxyProtocol is { } version) problems.CheckDefined(at, "proxyProtocol", version);
        if (cluster.DnsName.Length > 0 && cluster.Discovery is not (Discovery.Dns or Discovery.DnsRoundRobin)) problems.Add(at, "dnsName", "is given only when discovery is dns");
        if (cluster.LoadBalancing == LoadBalancing.ConsistentHash != cluster.ConsistentHash is not null) problems.Add(at, "consistentHash", "is given exactly when loadBalancing is consistentHash");
        if (cluster.Tunnel is { } tunnel) Check(at.Down("tunnel"), tunnel, problems);
        ClusterPolicyRules.Check(at, cluster, problems);
        if (cluster.RetryBudget.Percent is < 0 or > 100 or double.NaN) problems.Add(at, "retryBudget.percent", "is 0 to 100");
        if (cluster.RetryBudget.MinConcurrency < 0) problems.Add(at, "retryBudget.minConcurrency", "is below zero");
        if (cluster.RetryBudget.Interval < TimeSpan.Zero) problems.Add(at, "retryBudget.interval", "is below zero");
    }

    // The host stands in a request's head: nothing that ends a line or a word may be in it.
    private static void Check(ConfigPath at, Tunnel tunnel, ProblemList problems)
    {
        problems.CheckPort(at, "port", tunnel.Port);
        if (Uri.CheckHostName(tunnel.Host) == UriHostNameType.Unknown) problems.Add(at, "host", $"'{tunnel.Host}' is neither a name nor an address");
    }

    public static void Check(EndpointGroup group, bool namesAreResolved, ProblemList problems)
    {
        var members = new HashSet<(string, int)>();
        for (var i = 0; i < group.Endpoints.Length; i++)
        {
            var at = new ConfigPath(SectionNames.Endpoints + group.Host, $"{group.Port}").Down("endpoints", i);
            var endpoint = group.Endpoints[i];
            problems.CheckPort(at, "port", endpoint.Port);
            if (endpoint.Weight < 1) problems.Add(at, "weight", $"{endpoint.Weight} is below 1");
            var isAddress = IPAddress.TryParse(endpoint.Address, out var address);
            if (UnixAddress.Is(endpoint.Address) && UnixAddress.Problem(endpoint.Address) is { } problem) problems.Add(at, "address", $"'{endpoint.Address}' is no socket: {problem}");
            else if (!isAddress && !UnixAddress.Is(endpoint.Address) && !(namesAreResolved && endpoint.Address.Length > 0)) problems.Add(at, "address", $"'{endpoint.Address}' is not an IP address");
            else if (!members.Add((isAddress ? address!.ToString() : endpoint.Address, endpoint.Port))) problems.Add(at, "address", $"{endpoint.Address} port {endpoint.Port} stands twice");
        }
    }
}
