using System.Collections.Immutable;

namespace Mesh.Local.ApiServer;

/// <summary>Whom a request comes from, as its certificate or token says.</summary>
public sealed record ApiUser(string Name, ImmutableArray<string> Groups)
{
    /// <summary>Only a token of a ServiceAccount has one.</summary>
    public string? Uid { get; init; }

    /// <summary>What a token is bound to (pod name and uid), under Kubernetes' keys.</summary>
    public ImmutableDictionary<string, string> Extra { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The one who may do everything.</summary>
    public static ApiUser Admin { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    public static ApiUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>The server's own work (namespace deletion, garbage collection).</summary>
    internal static ApiUser Server { get; } = new("system:apiserver", ["system:masters", "system:authenticated"]);
}
