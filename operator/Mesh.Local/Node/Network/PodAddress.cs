using System.Net;

namespace Mesh.Local.Node.Network;

/// <summary>The addresses of one pod.</summary>
public sealed record PodAddress(IPAddress IPv4, IPAddress IPv6);
