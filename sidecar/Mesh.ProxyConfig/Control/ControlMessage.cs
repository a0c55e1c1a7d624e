namespace Mesh.Config.Control;

// What operator and sidecar say to each other on port 15012, whoever opened the connection. One stream a connection, messages
// both ways, each in a ControlFrame. A session: SidecarHello, then OperatorHello or Refusal, then Reports one way and Pushes
// the other for as long as it lives. An issuing exchange, on a connection of its own whose sidecar shows a self-signed
// certificate over the new key: SidecarHello with CertificateRequest, then Certificate or Refusal, and the end. What never
// happens here: a private key in a message.

/// <summary>One message; exactly one member is set.</summary>
public sealed record ControlMessage
{
    /// <summary>Sidecar: who it is. The first message of every stream.</summary>
    public SidecarHello? SidecarHello { get; init; }

    /// <summary>Operator: who leads. Answers <see cref="SidecarHello"/> in a session.</summary>
    public OperatorHello? OperatorHello { get; init; }

    /// <summary>Operator: a config; the document is the frame's attachment.</summary>
    public ConfigPush? Push { get; init; }

    /// <summary>Sidecar: what it holds; answers each push and tells each change.</summary>
    public ProxyReport? Report { get; init; }

    /// <summary>Sidecar: asks for a certificate (issuing exchange), or asks the operator to open one (session).</summary>
    public CertificateRequest? CertificateRequest { get; init; }

    /// <summary>Operator: the certificate.</summary>
    public IssuedCertificate? Certificate { get; init; }

    /// <summary>Either: no, and why. The stream ends after it.</summary>
    public Refusal? Refusal { get; init; }
}
