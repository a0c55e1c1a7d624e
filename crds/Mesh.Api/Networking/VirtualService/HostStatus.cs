namespace Mesh.Api.Networking;

/// <summary>One host of a VirtualService.</summary>
public sealed record HostStatus
{
    /// <summary>The host with its full name.</summary>
    public required string Host { get; init; }

    /// <summary>The VirtualService, as <c>NAMESPACE/NAME</c>, that owns the host in the mesh: this one, or an older one that wins.</summary>
    public string? Owner { get; init; }
}
