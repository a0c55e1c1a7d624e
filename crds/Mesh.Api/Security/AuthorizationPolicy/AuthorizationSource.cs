using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>
/// Who calls: each field that is given must hold, one of its values suffices. Exact, <c>*</c> any, <c>a*</c>, <c>*a</c>
/// unless said otherwise.
/// </summary>
[CelRule("(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) && !has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true", "Cannot set serviceAccounts with namespaces or principals")]
public sealed record AuthorizationSource
{
    /// <summary>Identities of the caller's certificate, as <c>cluster.local/ns/default/sa/productpage</c>.</summary>
    public IReadOnlyList<string> Principals { get; init; } = [];

    /// <summary>Identities it must not be.</summary>
    public IReadOnlyList<string> NotPrincipals { get; init; } = [];

    /// <summary>Callers by their token, as <c>ISSUER/SUBJECT</c>.</summary>
    public IReadOnlyList<string> RequestPrincipals { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotRequestPrincipals { get; init; } = [];

    /// <summary>Namespaces of the caller's certificate.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotNamespaces { get; init; } = [];

    /// <summary>Service accounts, as <c>NAMESPACE/NAME</c> or <c>NAME</c> of this namespace; no wildcards.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> ServiceAccounts { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> NotServiceAccounts { get; init; } = [];

    /// <summary>Addresses or networks the connection comes from.</summary>
    public IReadOnlyList<string> IpBlocks { get; init; } = [];

    /// <summary>Those it must not come from.</summary>
    public IReadOnlyList<string> NotIpBlocks { get; init; } = [];

    /// <summary>Addresses or networks of the caller by X-Forwarded-For or the PROXY protocol.</summary>
    public IReadOnlyList<string> RemoteIpBlocks { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotRemoteIpBlocks { get; init; } = [];

    /// <summary>Trust domains of the caller's certificate.</summary>
    public IReadOnlyList<string> TrustDomains { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotTrustDomains { get; init; } = [];
}
