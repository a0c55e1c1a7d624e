using Mesh.Config;

namespace Mesh.Operator.Core.Identity;

/// <summary>What is known of one live proxy's trust. Proxies that are terminating are left out: they end with what they have.</summary>
/// <param name="Pod">Namespace and name.</param>
/// <param name="Identity">Its word; null while it has not said.</param>
public sealed record ProxyTrust(string Pod, IdentityReport? Identity);
