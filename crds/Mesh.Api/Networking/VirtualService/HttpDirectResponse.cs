using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A fixed response the proxy answers with.</summary>
public sealed record HttpDirectResponse
{
    /// <summary>Status code, 200 to 599.</summary>
    [Required]
    public int? Status { get; init; }

    /// <summary>Body; none by default. More than 100 KiB is unwise, more than 1 MiB refused.</summary>
    public HttpBody? Body { get; init; }
}
