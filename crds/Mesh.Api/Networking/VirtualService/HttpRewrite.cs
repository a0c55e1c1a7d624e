namespace Mesh.Api.Networking;

/// <summary>What is changed in a request before it is forwarded.</summary>
public sealed record HttpRewrite
{
    /// <summary>New path: in place of the matched prefix if the rule matched by prefix, else of the whole path.</summary>
    public string? Uri { get; init; }

    /// <summary>New host.</summary>
    public string? Authority { get; init; }

    /// <summary>New path by regular expression. Excludes <c>uri</c>.</summary>
    public RegexRewrite? UriRegexRewrite { get; init; }
}
