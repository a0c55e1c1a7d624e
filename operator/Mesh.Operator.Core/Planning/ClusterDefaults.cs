using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What MeshConfig says of every cluster that no DestinationRule says otherwise of.</summary>
internal sealed record ClusterDefaults
{
    public required bool AutoMutualTls { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public TcpKeepalive? KeepAlive { get; init; }

    /// <summary>HTTP/1.1 is sent on as HTTP/2 where the port is declared to speak HTTP.</summary>
    public bool UpgradesToHttp2 { get; init; }

    public Written<LocalityLoadBalancerSetting>? Locality { get; init; }

    public static ClusterDefaults Of(MeshWideSettings settings) => new()
    {
        AutoMutualTls = settings.AutoMutualTls,
        ConnectTimeout = settings.ConnectTimeout,
        KeepAlive = settings.TcpKeepalive,
        UpgradesToHttp2 = settings.UpgradesToHttp2,
        Locality = settings.Locality,
    };
}
