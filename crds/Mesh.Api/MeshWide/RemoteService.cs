using Mesh.Api.Networking;

namespace Mesh.Api.MeshWide;

/// <summary>A service something is sent to.</summary>
public sealed record RemoteService
{
    /// <summary>HOST:PORT.</summary>
    public string? Address { get; init; }

    /// <summary>TLS to it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Keep-alive to it.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }
}
