using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>TLS of connections to the service.</summary>
public sealed record ClientTlsSettings
{
    /// <summary><c>DISABLE</c> none; <c>SIMPLE</c> TLS; <c>MUTUAL</c> with a client certificate given here; <c>ISTIO_MUTUAL</c> with the mesh's own.</summary>
    [AllowedValues("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")]
    public string? Mode { get; init; }

    /// <summary>File with the client certificate (MUTUAL).</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>File with its private key (MUTUAL).</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the certificates that may sign the service's. Default: the system's.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>Name of a Secret that holds certificate, key and CA instead of files.</summary>
    public string? CredentialName { get; init; }

    /// <summary>Names of which the service's certificate must carry one. Default: the host.</summary>
    public IReadOnlyList<string> SubjectAltNames { get; init; } = [];

    /// <summary>Server name to ask for. Default: the host the caller asked for.</summary>
    public string? Sni { get; init; }

    /// <summary>Accept any certificate of the service. Only for tests. Default false.</summary>
    public bool? InsecureSkipVerify { get; init; }

    /// <summary>File with the list of revoked certificates.</summary>
    public string? CaCrl { get; init; }
}
