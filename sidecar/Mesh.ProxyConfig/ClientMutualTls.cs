namespace Mesh.Config;

/// <summary>When a client speaks mutual TLS of the mesh to the members of a cluster.</summary>
public enum ClientMutualTls
{
    /// <summary>To each member that takes it (<see cref="Endpoint.MutualTls"/>), clear text to the others.</summary>
    Auto,

    /// <summary>Never (DestinationRule <c>tls.mode: DISABLE</c>).</summary>
    Never,

    /// <summary>Always (DestinationRule <c>tls.mode: ISTIO_MUTUAL</c>): a member that does not take it cannot be reached.</summary>
    Always,
}
