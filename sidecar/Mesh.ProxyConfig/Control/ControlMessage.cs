namespace Mesh.Config.Control;

// What operator and sidecar say to each other on port 15012, whoever opened the connection. One stream a connection, messages
// both ways, each in a ControlFrame. A session: SidecarHello, then OperatorHello or Refusal, then Reports one way and Pushes
// the other for as long as it lives. An issuing exchange, on a connection of its own whose sidecar shows a self-signed
// certificate over the new key: SidecarHello, CertificateRequest, then Certificate or Refusal, and the end. What never
// happens here: a private key in a message.
//
// In detail. The sidecar speaks first, whoever opened the connection: who serves the request begins its response at once
// (headers are flushed before a message is there) and reads while it writes; who sends it flushes the request's body at once,
// for an HttpClient holds the head back until then. A session's first Report follows OperatorHello
// at once, so that the operator knows which sections are held. Reports say what is in force, not which push they answer: one
// Report answers every push that was read before it was written, so a slow reader costs no memory; what a push came to is
// told by revision, hash and refused. Who is done ends its side of the stream; a connection carries no second stream. A
// sidecar that has no certificate yet ends the TLS handshake for the name of the session, one that wants none that for the
// name of issuing: the operator tries the other. A second session of the same or a higher epoch replaces the first, which is
// told so by a Refusal (with the higher epoch, if it is higher) and ends.

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
