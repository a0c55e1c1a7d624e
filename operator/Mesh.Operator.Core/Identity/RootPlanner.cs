using System.Collections.Immutable;

namespace Mesh.Operator.Core.Identity;

/// <summary>
/// Renewal of the root with overlap: the next one is trusted by everyone before it signs anything, and the last one stays
/// trusted until nothing it signed is valid. Asked again at every turn, it gives the next step from the ring alone, so a
/// crash between two steps costs nothing.
/// </summary>
public static class RootPlanner
{
    /// <summary>Part of its life that a root has left when the next one is made.</summary>
    public const double RenewAt = 0.20;

    /// <summary>Part of its life that a root has left when signing moves whoever lags.</summary>
    public const double MoveAnywayAt = 0.05;

    /// <param name="ring">What stands in the Secret.</param>
    /// <param name="asked">Word of the annotation by which a user asks for a renewal; empty without.</param>
    /// <param name="published">The incoming root stands in every <c>mesh-root</c>.</param>
    /// <param name="proxies">Every live proxy.</param>
    /// <param name="now">The time.</param>
    /// <param name="wanted">Whose root should sign.</param>
    /// <param name="users">The user's root, where that is wanted.</param>
    public static RootPlan Plan(
        RootRing ring, string asked, bool published, IReadOnlyCollection<ProxyTrust> proxies, DateTimeOffset now, RootOwner wanted = RootOwner.Operator, RootPair? users = null)
    {
        if (ring.Incoming is { } incoming) return Trust(ring, incoming, published, proxies, now);
        if (ring.Outgoing is { } outgoing) return Farewell(ring, outgoing, proxies, now);
        if (wanted == RootOwner.User && users is not null && users.Fingerprint != ring.Active.Fingerprint) return Step(RootStep.Introduce, "a user's authority is given in Secret cacerts");
        if (wanted == RootOwner.Operator && ring.Active.IsUsers) return Step(RootStep.Introduce, "Secret cacerts is gone");
        // A user's authority is the user's to renew.
        if (ring.Active.IsUsers) return Step(RootStep.Stay, "");
        if (asked.Length > 0 && asked != ring.RenewalAsked) return Step(RootStep.Introduce, $"a new root was asked for ({asked})");
        if (IsPast(ring.Active, RenewAt, now)) return Step(RootStep.Introduce, $"the root runs out at {ring.Active.NotAfter:u}");
        return Step(RootStep.Stay, "");
    }

    /// <summary>When the last certificate signed before <paramref name="movedAt"/> has run out.</summary>
    public static DateTimeOffset RetireAt(DateTimeOffset movedAt, TimeSpan certificateLife) => movedAt + certificateLife + CertificateIssuer.ClockSkew;

    private static RootPlan Trust(RootRing ring, RootPair incoming, bool published, IReadOnlyCollection<ProxyTrust> proxies, DateTimeOffset now)
    {
        var laggards = proxies.Where(proxy => proxy.Identity is not { } identity || !identity.TrustedRoots.Contains(incoming.Fingerprint))
            .Select(proxy => proxy.Pod).Order(StringComparer.Ordinal).ToImmutableArray();
        if (published && laggards.IsEmpty) return Step(RootStep.MoveSigning, "every proxy trusts the new root");
        if (!ring.Active.CanSign)
            return new RootPlan(RootStep.MoveSigning, $"the key of the present root is gone; signing moves although {laggards.Length} proxies do not trust the new one yet", laggards);
        if (IsPast(ring.Active, MoveAnywayAt, now))
            return new RootPlan(RootStep.MoveSigning, $"the root runs out at {ring.Active.NotAfter:u}; signing moves although {laggards.Length} proxies do not trust the new one yet", laggards);
        return new RootPlan(RootStep.AwaitTrust, published ? $"{laggards.Length} of {proxies.Count} proxies do not trust the new root yet" : "the new root is not published everywhere yet", laggards);
    }

    private static RootPlan Farewell(RootRing ring, RootPair outgoing, IReadOnlyCollection<ProxyTrust> proxies, DateTimeOffset now)
    {
        if (outgoing.NotAfter <= now) return Step(RootStep.Retire, "the former root has run out");
        if (ring.RetireAt is { } at && now < at) return Step(RootStep.Stay, "");
        // The life of certificates may have been longer before: what a proxy still shows counts.
        var holders = proxies.Where(proxy => proxy.Identity is { } identity && identity.Issuer == outgoing.Fingerprint && identity.NotAfter > now)
            .Select(proxy => proxy.Pod).Order(StringComparer.Ordinal).ToImmutableArray();
        return holders.IsEmpty
            ? Step(RootStep.Retire, "nothing that the former root signed is valid any more")
            : new RootPlan(RootStep.Stay, "certificates of the former root are still valid", holders);
    }

    private static bool IsPast(RootPair root, double left, DateTimeOffset now) => root.NotAfter - now <= (root.NotAfter - root.NotBefore) * left;

    private static RootPlan Step(RootStep step, string why) => new(step, why, []);
}
