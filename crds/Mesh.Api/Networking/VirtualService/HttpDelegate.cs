namespace Mesh.Api.Networking;

/// <summary>Another VirtualService, without hosts, whose rules take over.</summary>
public sealed record HttpDelegate
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its namespace; default: this one.</summary>
    public string? Namespace { get; init; }
}
