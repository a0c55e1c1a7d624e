namespace Mesh.Config;

/// <summary>Istio's outboundTrafficPolicy.</summary>
public enum UnknownDestinations
{
    /// <summary>Passed through to the original destination (PassthroughCluster). The default.</summary>
    AllowAny,

    /// <summary>Refused: HTTP 502, TCP closed (BlackHoleCluster).</summary>
    RegistryOnly,
}
