using System.Diagnostics.CodeAnalysis;

namespace Mesh.Config.Identity;

/// <summary>Who a workload is: <c>spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT</c>.</summary>
/// <param name="TrustDomain">Trust domain.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="ServiceAccount">Service account.</param>
public sealed record SpiffeId(string TrustDomain, string Namespace, string ServiceAccount)
{
    private const string Scheme = "spiffe://";

    /// <summary>The id without its scheme, as policies name principals.</summary>
    public string Principal => $"{TrustDomain}/ns/{Namespace}/sa/{ServiceAccount}";

    /// <summary>Reads an id of exactly this shape; others are no identity of the mesh.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var parts = text[Scheme.Length..].Split('/');
        if (parts is not [{ Length: > 0 } domain, "ns", { Length: > 0 } @namespace, "sa", { Length: > 0 } account]) return false;
        id = new SpiffeId(domain, @namespace, account);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Scheme + Principal;
}
