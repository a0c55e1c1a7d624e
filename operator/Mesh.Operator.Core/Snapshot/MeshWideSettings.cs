using Mesh.Api;
using Mesh.Config;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Istio's MeshConfig, as far as this version acts on it.</summary>
public sealed record MeshWideSettings
{
    public static readonly MeshWideSettings Default = new();

    public string TrustDomain { get; init; } = MeshNames.ClusterDomain;

    public UnknownDestinations UnknownDestinations { get; init; } = UnknownDestinations.AllowAny;

    public string AccessLogFile { get; init; } = "";

    public bool AccessLogJson { get; init; }

    public PathNormalization PathNormalization { get; init; } = PathNormalization.Base;

    /// <summary>Fields and values that this version does not act on.</summary>
    public ValueArray<Finding> Findings { get; init; } = [];
}
