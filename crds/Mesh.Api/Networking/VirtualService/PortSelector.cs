namespace Mesh.Api.Networking;

/// <summary>A port of a service.</summary>
public sealed record PortSelector
{
    /// <summary>Port number of the service (not of the pod).</summary>
    [Port]
    public int? Number { get; init; }
}
