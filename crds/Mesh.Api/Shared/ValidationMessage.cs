namespace Mesh.Api;

/// <summary>A message of Istio's analysis.</summary>
public sealed record ValidationMessage
{
    /// <summary>Which one.</summary>
    public ValidationMessageType? Type { get; init; }

    /// <summary><c>ERROR</c>, <c>WARNING</c> or <c>INFO</c>.</summary>
    public string? Level { get; init; }

    /// <summary>Where to read about it.</summary>
    public string? DocumentationUrl { get; init; }
}
