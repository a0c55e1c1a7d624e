using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which route.</summary>
public sealed record EnvoyRouteMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>What it does.</summary>
    [AllowedValues("ANY", "ROUTE", "REDIRECT", "DIRECT_RESPONSE")]
    public string? Action { get; init; }
}
