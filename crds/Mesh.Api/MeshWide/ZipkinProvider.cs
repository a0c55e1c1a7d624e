using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>Takes traces.</summary>
public sealed record ZipkinProvider
{
    /// <summary>Its host.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Longest path in a span.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxTagLength { get; init; }

    /// <summary>Whether ids have 64 bits.</summary>
    public bool? Enable64bitTraceId { get; init; }

    /// <summary>Path of its API.</summary>
    public string? Path { get; init; }

    /// <summary>Time for an answer.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Headers sent to it.</summary>
    public IReadOnlyList<JsonElement> Headers { get; init; } = [];

    /// <summary>Form of the context.</summary>
    public string? TraceContextOption { get; init; }
}
