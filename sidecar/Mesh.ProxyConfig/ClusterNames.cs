using System.Globalization;

namespace Mesh.Config;

/// <summary>Names of clusters as Istio writes them: access log, metrics and <c>mesh config</c> show them.</summary>
public static class ClusterNames
{
    /// <summary>Unknown destinations that are let through.</summary>
    public const string Passthrough = "PassthroughCluster";

    /// <summary>Unknown destinations that are refused.</summary>
    public const string BlackHole = "BlackHoleCluster";

    /// <summary>Inbound ports that nobody declared.</summary>
    public const string InboundPassthrough = "InboundPassthroughCluster";

    /// <summary><c>outbound|PORT|SUBSET|HOST</c>.</summary>
    public static string Outbound(int port, string subset, string host) =>
        string.Create(CultureInfo.InvariantCulture, $"outbound|{port}|{subset}|{host}");

    /// <summary><c>inbound|PORT||</c>.</summary>
    public static string Inbound(int port) => string.Create(CultureInfo.InvariantCulture, $"inbound|{port}||");
}
