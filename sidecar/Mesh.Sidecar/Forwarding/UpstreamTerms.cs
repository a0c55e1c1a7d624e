using Mesh.Config;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Forwarding;

/// <summary>What the connections to a member are made by; a client whose terms are no longer those of its cluster is replaced.</summary>
/// <param name="Pool">Limits; <c>null</c>: none.</param>
/// <param name="ConnectTimeout">For opening one, TLS included.</param>
/// <param name="Origination">TLS of its own kind; <c>null</c>: none.</param>
/// <param name="ProxyProtocol">Header at their beginning, which keeps those for one connection of a client apart from others; <c>null</c>: none.</param>
public sealed record UpstreamTerms(ConnectionPool? Pool, TimeSpan ConnectTimeout, OriginatedTls? Origination, ProxyProtocolVersion? ProxyProtocol = null);
