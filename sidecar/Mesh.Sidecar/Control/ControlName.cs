using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>What a connection to the control port is for, as it was named in the handshake.</summary>
/// <param name="Name">Server name asked for.</param>
/// <param name="Order">The order whose key was shown; only for issuing.</param>
internal sealed record ControlName(string Name, CertificateOrder? Order);
