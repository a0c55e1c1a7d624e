using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Rules for connections: TLS passed through, and plain TCP.</summary>
internal static class ConnectionRules
{
    private const string AutoPassthrough = "outbound_";

    /// <summary>A TLS rule.</summary>
    public static void Check(FindingList found, string path, TlsRoute route, IReadOnlyList<string> hosts, bool onGatewaysOnly)
    {
        if (route.Match.Count == 0)
            found.Error(path + ".match", null, "A TLS rule must match on something.", "Add match with sniHosts.");
        for (var i = 0; i < route.Match.Count; i++)
        {
            var at = $"{path}.match[{i}]";
            var match = route.Match[i];
            if (match.SniHosts.Count == 0)
                found.Error(at + ".sniHosts", null, "A TLS match needs at least one server name.", "Add sniHosts.");
            for (var j = 0; j < match.SniHosts.Count; j++)
                ServerName(found, $"{at}.sniHosts[{j}]", match.SniHosts[j], hosts, onGatewaysOnly);
            Common(found, at, match.DestinationSubnets, match.Port, match.SourceLabels, match.Gateways, match.SourceNamespace);
        }

        DestinationRules.Check(found, path + ".route", route.Route);
    }

    /// <summary>A TCP rule.</summary>
    public static void Check(FindingList found, string path, TcpRoute route)
    {
        for (var i = 0; i < route.Match.Count; i++)
        {
            var match = route.Match[i];
            Common(found, $"{path}.match[{i}]", match.DestinationSubnets, match.Port, match.SourceLabels, match.Gateways, match.SourceNamespace);
            if (match.SourceSubnet is { } subnet)
                found.Warning($"{path}.match[{i}].sourceSubnet", subnet, "This field has no effect; Istio never had one for it either.", "Use sourceLabels or sourceNamespace.");
        }

        DestinationRules.Check(found, path + ".route", route.Route);
    }

    /// <summary>What is wrong with a host on a gateway, where also <c>outbound_.PORT_._.HOST</c> is a server name.</summary>
    public static string? GatewayHostProblem(string host, bool bySni)
    {
        if (!bySni || !host.StartsWith(AutoPassthrough, StringComparison.Ordinal))
            return DnsNames.WildcardProblem(host);
        return host.Split('_') is [_, var port, _, var name, ..] && port.Trim('.').Any(char.IsAsciiDigit) && name.Any(char.IsAsciiLetter)
            ? null
            : "such a server name is written outbound_.PORT_._.HOST";
    }

    private static void ServerName(FindingList found, string path, string name, IReadOnlyList<string> hosts, bool onGatewaysOnly)
    {
        var problem = onGatewaysOnly ? GatewayHostProblem(name, bySni: true) : DnsNames.WildcardProblem(name);
        if (problem is not null && DnsNames.IsAddress(name))
            found.Warning(path, name, "Clients do not send an address as server name.", "Write a DNS name.");
        else if (problem is not null)
            found.Error(path, name, $"This is no server name: {problem}.", "Write a DNS name, which may begin with a wildcard.");
        else if (!hosts.Any(host => HostPattern.IsWithin(name, host)))
            found.Error(path, name, $"The server name is not within the object's hosts ({string.Join(", ", hosts)}).", "Add a host that covers it.");
    }

    private static void Common(
        FindingList found, string path, IReadOnlyList<string> subnets, int? port, IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> gateways, string? space)
    {
        for (var i = 0; i < subnets.Count; i++)
        {
            if (!DnsNames.IsSubnet(subnets[i]))
                found.Error($"{path}.destinationSubnets[{i}]", subnets[i], "This is neither an address nor a range of addresses.", "Write e.g. 10.0.0.0/8 or 10.1.2.3.");
        }

        if (port is { } number and not 0 && !DnsNames.IsPort(number))
            found.Error(path + ".port", number, "A port is a number between 1 and 65535.", "Write the service's port number.");
        CommonRules.Labels(found, path + ".sourceLabels", labels);
        CommonRules.Gateways(found, path + ".gateways", gateways);
        if (space is { Length: > 0 } && !DnsNames.IsLabel(space))
            found.Error(path + ".sourceNamespace", space, "This is no name of a namespace.", "Write letters, digits and hyphens, at most 63.");
    }
}
