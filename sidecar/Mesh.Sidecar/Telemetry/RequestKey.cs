using System.Runtime.CompilerServices;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>What decides the labels of a request; config objects compare by reference.</summary>
public readonly record struct RequestKey(
    Direction Direction, CompiledCluster? Cluster, CompiledEndpoint? Endpoint, int Status, int? GrpcStatus, bool IsGrpc, ResponseFlag Flags, string? Peer)
{
    public bool Equals(RequestKey other) =>
        ReferenceEquals(Cluster, other.Cluster) && ReferenceEquals(Endpoint, other.Endpoint) && Status == other.Status && Flags == other.Flags
        && Direction == other.Direction && GrpcStatus == other.GrpcStatus && IsGrpc == other.IsGrpc && Peer == other.Peer;

    public override int GetHashCode() =>
        HashCode.Combine(RuntimeHelpers.GetHashCode(Cluster), RuntimeHelpers.GetHashCode(Endpoint), Status, Flags, Direction, GrpcStatus, Peer);
}
