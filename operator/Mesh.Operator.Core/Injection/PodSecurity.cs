using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Kubernetes' Pod Security levels. All but <c>privileged</c> refuse the capabilities by which mesh-init redirects traffic; the
/// API server's own refusal names containers the user never wrote, so ours comes first.
/// </summary>
internal static class PodSecurity
{
    public const string Enforce = "pod-security.kubernetes.io/enforce";

    private const string Privileged = "privileged";

    /// <summary>The level that stands against injection; null if none does.</summary>
    public static string? Level(LabelSet namespaceLabels) => namespaceLabels[Enforce] is { Length: > 0 } level && level != Privileged ? level : null;

    public static string? Refusal(LabelSet namespaceLabels) => Level(namespaceLabels) is { } level
        ? $"the namespace's label {Enforce} is \"{level}\", which forbids the init container {InjectedContainers.InitName} the capabilities NET_ADMIN and NET_RAW that it redirects traffic with: {Remedy}."
        : null;

    public static readonly string Remedy = $"set the label to \"{Privileged}\" (those of warn and audit may stay), or give the pods the label {MeshLabels.Inject}: \"false\"";
}
