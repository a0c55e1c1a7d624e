using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Connections;

/// <summary>The other end of a connection in mutual TLS of the mesh, as its certificate proved it. One for all requests of the connection.</summary>
public sealed class MutualTlsPeer
{
    public MutualTlsPeer(SpiffeId id, X509Certificate2 certificate, SpiffeId self)
    {
        Id = id;
        Uri = id.ToString();
        ForwardedClientCert = $"By={self};Hash={SpiffeCertificates.FingerprintOf(certificate)};Subject=\"\";URI={Uri}";
    }

    /// <summary>Who it is.</summary>
    public SpiffeId Id { get; }

    /// <summary>The same as text, as logs and metrics have it.</summary>
    public string Uri { get; }

    /// <summary>What the application is told of it: an element of <c>x-forwarded-client-cert</c>, in Istio's fields.</summary>
    public string ForwardedClientCert { get; }
}
