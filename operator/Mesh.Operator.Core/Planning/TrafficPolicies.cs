using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Planning;

/// <summary>Which policy holds for one port and subset.</summary>
internal static class TrafficPolicies
{
    /// <summary>The destination's policy at this port, overridden field by field by the subset's.</summary>
    public static TrafficPolicy For(int port, TrafficPolicy? destination, TrafficPolicy? subset) =>
        Override(Override(new TrafficPolicy(), destination, port), subset, port);

    private static TrafficPolicy Override(TrafficPolicy below, TrafficPolicy? above, int port)
    {
        if (above is null) return below;
        var merged = below with
        {
            LoadBalancer = above.LoadBalancer ?? below.LoadBalancer,
            ConnectionPool = above.ConnectionPool ?? below.ConnectionPool,
            OutlierDetection = above.OutlierDetection ?? below.OutlierDetection,
            Tls = above.Tls ?? below.Tls,
            Tunnel = above.Tunnel ?? below.Tunnel,
            ProxyProtocol = above.ProxyProtocol ?? below.ProxyProtocol,
            RetryBudget = above.RetryBudget ?? below.RetryBudget,
        };
        var portLevel = above.PortLevelSettings.FirstOrDefault(settings => settings.Port?.Number == port);
        // A port's settings take the place of these four as a whole: what it leaves out is the default, not inherited.
        return portLevel is null ? merged : merged with
        {
            LoadBalancer = portLevel.LoadBalancer,
            ConnectionPool = portLevel.ConnectionPool,
            OutlierDetection = portLevel.OutlierDetection,
            Tls = portLevel.Tls,
        };
    }
}
