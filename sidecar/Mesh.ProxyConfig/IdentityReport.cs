using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>The certificate a sidecar holds and whom it trusts. Names and dates only; the key stays where it was made.</summary>
public sealed record IdentityReport
{
    /// <summary>SPIFFE id of the certificate; empty while there is none.</summary>
    public string SpiffeId { get; init; } = "";

    /// <summary>Serial number, upper-case hexadecimal.</summary>
    public string Serial { get; init; } = "";

    /// <summary>SHA-256 of the root that signed it, lower-case hexadecimal.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Valid from.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>Valid until.</summary>
    public DateTimeOffset NotAfter { get; init; }

    /// <summary>When the next one will be asked for.</summary>
    public DateTimeOffset RenewAt { get; init; }

    /// <summary>SHA-256 of every root trusted now, lower-case hexadecimal, in ascending order.</summary>
    public ImmutableArray<string> TrustedRoots { get; init; } = [];

    /// <summary>Why the last attempt to get a certificate failed; empty when it did not.</summary>
    public string Failure { get; init; } = "";

    /// <summary>Since when attempts fail; left out when they do not.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}
