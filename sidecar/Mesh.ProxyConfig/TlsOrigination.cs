using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>
/// TLS that the proxy speaks to a destination outside the mesh (DestinationRule <c>tls.mode</c> SIMPLE or MUTUAL). Files are
/// those of the proxy's container; key material never stands here.
/// </summary>
public sealed record TlsOrigination
{
    /// <summary>Server name sent; empty: the request's host.</summary>
    public string Sni { get; init; } = "";

    /// <summary>The server's certificate must be for one of these; empty: for the server name.</summary>
    public ImmutableArray<string> SubjectAltNames { get; init; } = [];

    /// <summary>File with the roots the server is verified against; empty: those of the system.</summary>
    public string RootsFile { get; init; } = "";

    /// <summary>File with certificates that are revoked; empty: none.</summary>
    public string RevocationsFile { get; init; } = "";

    /// <summary>File with the certificate shown; empty with mode SIMPLE, or with a <see cref="Credential"/>.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>File with its key.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Name of a credential the operator hands over apart from this config; <c>null</c>: none.</summary>
    public CredentialRef? Credential { get; init; }

    /// <summary>The server's certificate is not verified at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SkipVerification { get; init; }
}
