using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>A policy for a host, a subset or a port.</summary>
internal static class TrafficPolicyRules
{
    private const int MostPorts = 4096;

    /// <summary>The policy of a host or subset.</summary>
    public static void Check(FindingList found, string path, TrafficPolicy? policy)
    {
        if (policy is null)
            return;
        if (policy is { LoadBalancer: null, ConnectionPool: null, OutlierDetection: null, Tls: null, PortLevelSettings.Count: 0, Tunnel: null, ProxyProtocol: null, RetryBudget: null })
            found.Error(path, null, "The policy is empty.", "Add a setting, or remove it.");
        if (policy.Tunnel is not null && policy.ProxyProtocol is not null)
            found.Error(path + ".proxyProtocol", null, "tunnel and proxyProtocol exclude each other.", "Keep one of them.");

        LoadBalancerRules.Check(found, path + ".loadBalancer", policy.LoadBalancer, policy.OutlierDetection);
        ConnectionPoolRules.Check(found, path + ".connectionPool", policy.ConnectionPool);
        ConnectionPoolRules.Outliers(found, path + ".outlierDetection", policy.OutlierDetection);
        ClientTlsRules.Check(found, path + ".tls", policy.Tls, FindingCodes.NoServerCertificateVerificationDestinationLevel);
        Tunnel(found, path + ".tunnel", policy.Tunnel);
        if (policy.ProxyProtocol?.Version is { } version and not ("V1" or "V2"))
            found.Error(path + ".proxyProtocol.version", version, "There is no such version of the PROXY protocol.", "Write V1 or V2.");
        Budget(found, path + ".retryBudget", policy.RetryBudget);
        if (policy.PortLevelSettings.Count > MostPorts)
            found.Error(path + ".portLevelSettings", policy.PortLevelSettings.Count, $"At most {MostPorts} ports can have a policy of their own.", "Remove some.");
        for (var i = 0; i < policy.PortLevelSettings.Count; i++)
            Check(found, $"{path}.portLevelSettings[{i}]", policy.PortLevelSettings[i]);
    }

    private static void Check(FindingList found, string path, PortTrafficPolicy policy)
    {
        if (policy.Port is null)
            found.Error(path + ".port", null, "A policy for a port must say which.", "Add port.number.");
        else if (!DnsNames.IsPort(policy.Port.Number))
            found.Error(path + ".port.number", policy.Port.Number, "A port is a number between 1 and 65535.", "Write the service's port number.");
        if (policy is { LoadBalancer: null, ConnectionPool: null, OutlierDetection: null, Tls: null })
            found.Error(path, null, "The policy is empty.", "Add a setting, or remove it.");
        LoadBalancerRules.Check(found, path + ".loadBalancer", policy.LoadBalancer, policy.OutlierDetection);
        ConnectionPoolRules.Check(found, path + ".connectionPool", policy.ConnectionPool);
        ConnectionPoolRules.Outliers(found, path + ".outlierDetection", policy.OutlierDetection);
        ClientTlsRules.Check(found, path + ".tls", policy.Tls, FindingCodes.NoServerCertificateVerificationPortLevel);
    }

    private static void Tunnel(FindingList found, string path, TunnelSettings? tunnel)
    {
        if (tunnel is null)
            return;
        if (tunnel.Protocol is { Length: > 0 } protocol and not ("CONNECT" or "POST"))
            found.Error(path + ".protocol", protocol, "A tunnel is made with CONNECT or POST.", "Write CONNECT or POST.");
        if (DnsNames.NameProblem(tunnel.TargetHost) is { } problem && !DnsNames.IsAddress(tunnel.TargetHost))
            found.Error(path + ".targetHost", tunnel.TargetHost, $"This is neither a host nor an address: {problem}.", "Write the full name or the address of the tunnel's end.");
        if (!DnsNames.IsPort(tunnel.TargetPort))
            found.Error(path + ".targetPort", tunnel.TargetPort, "A port is a number between 1 and 65535.", "Write the port at the tunnel's end.");
    }

    private static void Budget(FindingList found, string path, RetryBudget? budget)
    {
        if (budget is null)
            return;
        if (budget.Percent is { } percent && (percent is < 0 or > 100 || double.IsNaN(percent)))
            found.Error(path + ".percent", percent, "A percentage is between 0 and 100.", "Write a number between 0 and 100.");
        CommonRules.NotNegative(found, path + ".minRetryConcurrency", budget.MinRetryConcurrency);
        CommonRules.Duration(found, path + ".budgetInterval", budget.BudgetInterval, zeroAllowed: true);
    }
}
