using System.Collections.Immutable;

namespace Mesh.Local.ApiServer;

/// <summary>Whom a request comes from, as its certificate or token says.</summary>
public sealed record ApiUser(string Name, ImmutableArray<string> Groups)
{
    private const string AccountPrefix = "system:serviceaccount:";

    /// <summary>Only a token of a ServiceAccount has one.</summary>
    public string? Uid { get; init; }

    /// <summary>What else is known, under Kubernetes' keys: the credential, and the pod a token is bound to.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Extra { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The one who may do everything.</summary>
    public static ApiUser Admin { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    public static ApiUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>The server's own work (namespace deletion, garbage collection).</summary>
    internal static ApiUser Server { get; } = new("system:apiserver", ["system:masters", "system:authenticated"]);

    /// <summary>Namespace and name of the ServiceAccount this is; null for anybody else.</summary>
    internal (string Namespace, string Name)? Account =>
        Name.StartsWith(AccountPrefix, StringComparison.Ordinal) && Name[AccountPrefix.Length..].Split(':') is [var ns, var name] ? (ns, name) : null;

    /// <summary>A ServiceAccount, with the groups its tokens give it.</summary>
    public static ApiUser ServiceAccount(string ns, string name) =>
        new(AccountName(ns, name), ["system:serviceaccounts", "system:serviceaccounts:" + ns, "system:authenticated"]);

    internal static string AccountName(string ns, string name) => $"{AccountPrefix}{ns}:{name}";
}
