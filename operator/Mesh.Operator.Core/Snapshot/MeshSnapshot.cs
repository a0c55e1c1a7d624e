using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Operator.Core.Credentials;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>
/// Everything the operator knows, at one moment. Objects of Kubernetes enter through <see cref="MeshStore"/>, reduced to
/// what the mesh acts on; a whole, immutable picture leaves, sharing all that did not change with the one before. The order
/// in which events came never shows. What never happens here: I/O, a clock, a decision.
/// </summary>
public sealed record MeshSnapshot
{
    public static readonly MeshSnapshot Empty = new();

    private MeshSnapshot()
    {
    }

    public ImmutableSortedDictionary<string, MeshNamespace> Namespaces { get; init; } =
        ImmutableSortedDictionary.Create<string, MeshNamespace>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, MeshNode> Nodes { get; init; } =
        ImmutableSortedDictionary.Create<string, MeshNode>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<ObjectKey, Workload> Workloads { get; init; } = ImmutableSortedDictionary<ObjectKey, Workload>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Service> Services { get; init; } = ImmutableSortedDictionary<ObjectKey, Service>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Slice> Slices { get; init; } = ImmutableSortedDictionary<ObjectKey, Slice>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<VirtualServiceSpec>> VirtualServices { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<VirtualServiceSpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<DestinationRuleSpec>> DestinationRules { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<DestinationRuleSpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<ServiceEntrySpec>> ServiceEntries { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<ServiceEntrySpec>>.Empty;

    /// <summary>Addresses given out for ServiceEntries; one about which nothing is known has none here.</summary>
    public ImmutableSortedDictionary<ObjectKey, EntryAddressing> EntryAddresses { get; init; } =
        ImmutableSortedDictionary<ObjectKey, EntryAddressing>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<WorkloadEntrySpec>> WorkloadEntries { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<WorkloadEntrySpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<SidecarSpec>> Sidecars { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<SidecarSpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<ProxyConfigSpec>> ProxyConfigs { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<ProxyConfigSpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<HealthCheckSpec>> HealthChecks { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<HealthCheckSpec>>.Empty;

    public ImmutableSortedDictionary<ObjectKey, Rule<PeerAuthenticationSpec>> PeerAuthentications { get; init; } =
        ImmutableSortedDictionary<ObjectKey, Rule<PeerAuthenticationSpec>>.Empty;

    /// <summary>What is known of the credentials that rules name; one that was not read yet has none here.</summary>
    public ImmutableSortedDictionary<ObjectKey, UserCredential> Credentials { get; init; } = ImmutableSortedDictionary<ObjectKey, UserCredential>.Empty;

    /// <summary>Composed Secrets that could not be written, and why.</summary>
    public ImmutableSortedDictionary<ObjectKey, CredentialProblem> RefusedSecrets { get; init; } = ImmutableSortedDictionary<ObjectKey, CredentialProblem>.Empty;

    /// <summary>Objects of kinds this version does not act on: they are told so in their status.</summary>
    public ImmutableSortedDictionary<RuleKey, Rule<ISpecFromUser>> OfKindsNotYet { get; init; } =
        ImmutableSortedDictionary<RuleKey, Rule<ISpecFromUser>>.Empty;

    /// <summary>Kinds whose CustomResourceDefinition someone else brought: their status is others' too.</summary>
    public ImmutableSortedSet<string> SharedKinds { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Istio beside this mesh.</summary>
    public Neighbour Neighbour { get; init; } = new();

    /// <summary>This mesh's certificates and Istio's lead to one root, under one trust domain.</summary>
    public bool SharesRoot => Neighbour.WhyApart(Settings.TrustDomain).Length == 0;

    public MeshWideSettings Settings { get; init; } = MeshWideSettings.Default;

    /// <summary>Whether a pod's sidecar, be it Istio's, proves an identity to ours.</summary>
    public bool HasIdentity(Workload workload) => workload.HasIdentity || (workload.HasIdentityOfIstio && SharesRoot);
}
