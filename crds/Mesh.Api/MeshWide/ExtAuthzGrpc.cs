using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>A service that decides, asked with gRPC.</summary>
public sealed record ExtAuthzGrpc
{
    /// <summary>Its host.</summary>
    [Required]
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    [Required]
    [Port]
    public int? Port { get; init; }

    /// <summary>Time for an answer.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Whether requests pass when it does not answer. Default false.</summary>
    public bool? FailOpen { get; init; }

    /// <summary>Whether routes are chosen anew after it answered.</summary>
    public bool? ClearRouteCache { get; init; }

    /// <summary>Status of requests it could not be asked about. Default 403.</summary>
    public string? StatusOnError { get; init; }

    /// <summary>The body it gets to see.</summary>
    public ExtAuthzBody? IncludeRequestBodyInCheck { get; init; }
}
