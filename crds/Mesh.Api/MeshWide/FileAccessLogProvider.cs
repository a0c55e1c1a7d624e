using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>A file of access logs.</summary>
public sealed record FileAccessLogProvider
{
    /// <summary>The file.</summary>
    public string? Path { get; init; }

    /// <summary>Format of a line.</summary>
    public JsonElement? LogFormat { get; init; }

    /// <summary>Whether empty values are left out.</summary>
    public bool? OmitEmptyValues { get; init; }
}
