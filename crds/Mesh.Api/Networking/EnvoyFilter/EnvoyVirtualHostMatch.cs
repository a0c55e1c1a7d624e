namespace Mesh.Api.Networking;

/// <summary>Which virtual host.</summary>
public sealed record EnvoyVirtualHostMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>A domain of it.</summary>
    public string? DomainName { get; init; }

    /// <summary>Which route in it.</summary>
    public EnvoyRouteMatch? Route { get; init; }
}
