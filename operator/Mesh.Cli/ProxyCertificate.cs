using System.Collections.Immutable;

namespace Mesh.Cli;

/// <summary>One row of `mesh certs`: who a proxy proves to be, until when, and what is wrong with that.</summary>
public sealed record ProxyCertificate
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    /// <summary>SPIFFE id; empty while there is no certificate.</summary>
    public string Identity { get; init; } = "";

    /// <summary>SHA-256 of the root that signed it, lower-case hexadecimal.</summary>
    public string Issuer { get; init; } = "";

    public string Serial { get; init; } = "";

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When the next one will be asked for.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>SHA-256 of every root it trusts; two while a new root is on its way.</summary>
    public ImmutableArray<string> TrustedRoots { get; init; } = [];

    /// <summary>What is wrong; empty when nothing is.</summary>
    public string Trouble { get; init; } = "";

    /// <summary>What to do about it; empty when nothing is wrong.</summary>
    public string Remedy { get; init; } = "";
}
