using System.Collections.Immutable;
using k8s.Models;

namespace Mesh.Operator.Core.Identity;

/// <summary>What the API server said about a token.</summary>
public sealed record TokenVerdict
{
    private const string PodNameKey = "authentication.kubernetes.io/pod-name";
    private const string PodUidKey = "authentication.kubernetes.io/pod-uid";
    private const string NodeNameKey = "authentication.kubernetes.io/node-name";

    public bool IsAuthenticated { get; init; }

    /// <summary>Its reason, where it is not.</summary>
    public string Error { get; init; } = "";

    public ImmutableArray<string> Audiences { get; init; } = [];

    public string Username { get; init; } = "";

    /// <summary>Pod the token is bound to; empty when it is bound to none.</summary>
    public string PodName { get; init; } = "";

    public string PodUid { get; init; } = "";

    /// <summary>Node of that pod; empty where the API server does not say (before Kubernetes 1.30).</summary>
    public string NodeName { get; init; } = "";

    public static TokenVerdict Of(V1TokenReviewStatus? status) => new()
    {
        IsAuthenticated = status?.Authenticated == true,
        Error = status?.Error ?? "",
        Audiences = [.. status?.Audiences ?? []],
        Username = status?.User?.Username ?? "",
        PodName = Single(status, PodNameKey),
        PodUid = Single(status, PodUidKey),
        NodeName = Single(status, NodeNameKey),
    };

    private static string Single(V1TokenReviewStatus? status, string key) =>
        status?.User?.Extra is { } extra && extra.TryGetValue(key, out var values) && values is [var only] ? only : "";
}
