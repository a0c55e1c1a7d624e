using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>What is changed of path and host before a request is sent on.</summary>
public sealed class CompiledRewrite
{
    private readonly Rewrite config;
    private readonly string? path;
    private readonly Re2Substitution? substitution;

    /// <summary>Compiles.</summary>
    public CompiledRewrite(Rewrite config)
    {
        this.config = config;
        if (config.Path is { } text) path = RequestPath.Escape(text);
        if (config.Regex is { } regex) substitution = new Re2Substitution(regex);
    }

    /// <summary>Whether the path is changed.</summary>
    public bool ChangesPath => path is not null || substitution is not null;

    /// <summary>Host sent on; <c>null</c>: it stays.</summary>
    public string? Authority => config.Authority;

    /// <summary>The path sent on in place of this one.</summary>
    public string PathFor(string asked)
    {
        if (substitution is not null) return RequestPath.Rooted(RequestPath.Escape(substitution.Apply(asked)));
        if (path is null) return asked;
        return RequestPath.Rooted(config.Prefix.Length == 0 ? path : RequestPath.ReplacePrefix(asked, config.Prefix, path));
    }
}
