using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One change.</summary>
public sealed record EnvoyPatch
{
    /// <summary>What is changed.</summary>
    [AllowedValues("INVALID", "LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER", "ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE", "CLUSTER", "EXTENSION_CONFIG", "BOOTSTRAP", "LISTENER_FILTER")]
    public string? ApplyTo { get; init; }

    /// <summary>Which of them.</summary>
    public EnvoyMatch? Match { get; init; }

    /// <summary>How.</summary>
    public EnvoyPatchValue? Patch { get; init; }
}
