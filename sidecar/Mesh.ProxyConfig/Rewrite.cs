namespace Mesh.Config;

/// <summary>What is changed of path and host before the request is sent on. Path and Regex exclude each other.</summary>
public sealed record Rewrite
{
    /// <summary>In place of the matched <see cref="Prefix"/>, or of the whole path where that is empty; <c>null</c>: the path stays.</summary>
    public string? Path { get; init; }

    /// <summary>The prefix that the match asked for; empty: it was none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Every match of this RE2 expression in the path is substituted.</summary>
    public RegexRewrite? Regex { get; init; }

    /// <summary>Host sent on; <c>null</c>: it stays.</summary>
    public string? Authority { get; init; }
}
