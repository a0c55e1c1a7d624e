using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What the config of a pod is made of.</summary>
internal sealed record PodInputs(Workload Workload, MeshNode? Node, ServiceDirectory Directory, ScopePlan Scope, PeerDecision Peers, InboundLimits Limits, ImmutableArray<Section> Endpoints, Section Mesh, ImmutableSortedSet<string> ComparedLabels)
{
    public bool SameAs(PodInputs other) =>
        ReferenceEquals(Workload, other.Workload) && ReferenceEquals(Node, other.Node) && ReferenceEquals(Directory, other.Directory)
        && ReferenceEquals(Scope, other.Scope) && Peers == other.Peers && Limits.SameAs(other.Limits) && ReferenceEquals(Mesh, other.Mesh) && ReferenceEquals(ComparedLabels, other.ComparedLabels)
        && (Endpoints == other.Endpoints || Endpoints.AsSpan().SequenceEqual(other.Endpoints.AsSpan()));
}
