using Mesh.Api.Networking;

namespace Mesh.Api.MeshWide;

/// <summary>Where else rules come from.</summary>
public sealed record ConfigSource
{
    /// <summary><c>k8s://</c>, <c>xds://HOST:PORT</c> or <c>fs:///path</c>.</summary>
    public string? Address { get; init; }

    /// <summary>TLS to it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>What is taken from it.</summary>
    public IReadOnlyList<string> SubscribedResources { get; init; } = [];
}
