using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>An attribute of a cookie.</summary>
public sealed record HttpCookieAttribute
{
    /// <summary>Its name: <c>SameSite</c>.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Its value, if it has one: <c>Strict</c>.</summary>
    public string? Value { get; init; }
}
