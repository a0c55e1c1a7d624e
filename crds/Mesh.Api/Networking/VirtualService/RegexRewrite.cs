namespace Mesh.Api.Networking;

/// <summary>Replacement by regular expression.</summary>
public sealed record RegexRewrite
{
    /// <summary>RE2 expression; every part of the path it matches is replaced.</summary>
    public string? Match { get; init; }

    /// <summary>Replacement; <c>\1</c> to <c>\9</c> stand for captured groups, <c>\0</c> for the whole match.</summary>
    public string? Rewrite { get; init; }
}
