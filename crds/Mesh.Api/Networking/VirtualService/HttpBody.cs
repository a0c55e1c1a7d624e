namespace Mesh.Api.Networking;

/// <summary>A body as text or as bytes.</summary>
[AtMostOneOf(nameof(String), nameof(Bytes))]
public sealed record HttpBody
{
    /// <summary>As text, sent in UTF-8.</summary>
    public string? String { get; init; }

    /// <summary>As bytes, in base64.</summary>
    public string? Bytes { get; init; }
}
