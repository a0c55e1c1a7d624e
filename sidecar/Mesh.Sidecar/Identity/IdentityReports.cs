using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Identity;

/// <summary>Puts the certificate and the trust in force into the report, at each change.</summary>
public sealed class IdentityReports
{
    private readonly IdentityState identity;
    private readonly CertificateKeeper keeper;
    private readonly TrustFile trust;
    private readonly ProxyState state;

    public IdentityReports(IdentityState identity, CertificateKeeper keeper, TrustFile trust, ProxyState state)
    {
        (this.identity, this.keeper, this.trust, this.state) = (identity, keeper, trust, state);
        identity.Changed += Tell;
        keeper.Changed += Tell;
        trust.Changed += Tell;
    }

    private void Tell() => state.Tell(report =>
    {
        var now = Report();
        return Same(report.Identity, now) ? report : report with { Identity = now };
    });

    private IdentityReport Report()
    {
        var bundle = identity.Trust;
        var report = new IdentityReport
        {
            TrustedRoots = bundle is null ? [] : [.. bundle.Roots.Select(SpiffeCertificates.FingerprintOf).Order(StringComparer.Ordinal)],
            Failure = keeper.Failure.Length > 0 ? keeper.Failure : trust.Failure,
            FailingSince = keeper.FailingSince,
        };
        if (identity.Current is not { } current) return report;
        var root = bundle is null ? null : IssuedChain.RootOf(current.Certificate, [.. current.Context.IntermediateCertificates], bundle);
        return report with
        {
            SpiffeId = current.Id.ToString(),
            Serial = current.Certificate.SerialNumber,
            // A root that is trusted no more is named as before; the certificate is still its.
            Issuer = root is not null ? SpiffeCertificates.FingerprintOf(root) : state.Report.Identity?.Issuer ?? "",
            NotBefore = new DateTimeOffset(current.Certificate.NotBefore).ToUniversalTime(),
            NotAfter = new DateTimeOffset(current.Certificate.NotAfter).ToUniversalTime(),
            RenewAt = keeper.RenewAt,
        };
    }

    private static bool Same(IdentityReport? one, IdentityReport other) =>
        one is not null && one.TrustedRoots.SequenceEqual(other.TrustedRoots) && one with { TrustedRoots = other.TrustedRoots } == other;
}
