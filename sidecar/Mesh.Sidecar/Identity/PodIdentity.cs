namespace Mesh.Sidecar.Identity;

/// <summary>Who this pod is by the downward API: what it says to the operator, and what its certificate must agree with.</summary>
/// <param name="Uid">Uid of the pod.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Name">Name of the pod.</param>
/// <param name="ServiceAccount">Service account; empty when unknown.</param>
/// <param name="Version">Version of the sidecar.</param>
public sealed record PodIdentity(string Uid, string Namespace, string Name, string ServiceAccount, string Version);
