using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>A service that decides, asked with HTTP.</summary>
public sealed record ExtAuthzHttp
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

    /// <summary>What is put before the path.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>Headers it gets; deprecated.</summary>
    public IReadOnlyList<string> IncludeHeadersInCheck { get; init; } = [];

    /// <summary>Headers it gets.</summary>
    public IReadOnlyList<string> IncludeRequestHeadersInCheck { get; init; } = [];

    /// <summary>Further headers it gets.</summary>
    public IReadOnlyDictionary<string, string> IncludeAdditionalHeadersInCheck { get; init; } = new Dictionary<string, string>();

    /// <summary>The body it gets to see.</summary>
    public ExtAuthzBody? IncludeRequestBodyInCheck { get; init; }

    /// <summary>Headers of its answer the application gets.</summary>
    public IReadOnlyList<string> HeadersToUpstreamOnAllow { get; init; } = [];

    /// <summary>Headers of its answer the caller gets when denied.</summary>
    public IReadOnlyList<string> HeadersToDownstreamOnDeny { get; init; } = [];

    /// <summary>Headers of its answer the caller gets when allowed.</summary>
    public IReadOnlyList<string> HeadersToDownstreamOnAllow { get; init; } = [];
}
