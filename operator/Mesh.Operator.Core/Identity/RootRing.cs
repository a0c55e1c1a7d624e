using System.Collections.Immutable;

namespace Mesh.Operator.Core.Identity;

/// <summary>
/// The roots of the mesh: one signs, one may be on its way in, one on its way out. It is kept in a Secret as it stands here,
/// so that whoever leads next goes on from there.
/// </summary>
public sealed record RootRing
{
    /// <summary>Signs.</summary>
    public required RootPair Active { get; init; }

    /// <summary>Will sign as soon as everyone trusts it; null when none is on its way.</summary>
    public RootPair? Incoming { get; init; }

    /// <summary>Signed before; trusted until <see cref="RetireAt"/>. Null when there is none.</summary>
    public RootPair? Outgoing { get; init; }

    /// <summary>When the last certificate that <see cref="Outgoing"/> signed has run out.</summary>
    public DateTimeOffset? RetireAt { get; init; }

    /// <summary>The word of the annotation that asked for the last renewal, so that it is done once.</summary>
    public string RenewalAsked { get; init; } = "";

    /// <summary>Every root that is trusted, the signing one first.</summary>
    public ImmutableArray<RootPair> Trusted => [.. new[] { Active, Incoming, Outgoing }.OfType<RootPair>()];

    /// <summary>All of them for a file of roots.</summary>
    public string TrustedPem => string.Concat(Trusted.OrderBy(root => root.Fingerprint, StringComparer.Ordinal).Select(root => root.CertificatePem));
}
