using Mesh.Config.Identity;

namespace Mesh.Operator.Control;

/// <summary>A pod with a sidecar to speak to.</summary>
/// <param name="PodUid">Which pod.</param>
/// <param name="Pod">Its name.</param>
/// <param name="Address">IP address.</param>
/// <param name="Id">Whom its certificate has to name.</param>
public sealed record ControlTarget(string PodUid, EntityKey Pod, string Address, SpiffeId Id);
