using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Whom the injector answers. Alone on a cluster: every namespace and pod that asks for a sidecar in one of Istio's ways. Where
/// another mesh's injector stands beside it: only those that name our revision, since all other words are the other's too, and a
/// pod of two meshes would work in neither.
/// </summary>
public sealed record InjectionScope
{
    public static readonly InjectionScope Everyone = new();

    /// <summary>Names of the other meshes' MutatingWebhookConfigurations, ordered.</summary>
    public ValueArray<string> Others { get; init; } = [];

    public bool IsEveryone => Others.Count == 0;

    /// <param name="configurations">All that the cluster has, our own among them.</param>
    public static InjectionScope Beside(IEnumerable<V1MutatingWebhookConfiguration> configurations) =>
        new() { Others = [.. configurations.Where(IsAnothers).Select(one => one.Metadata.Name).Order(StringComparer.Ordinal)] };

    /// <summary>Whether these labels of a namespace ask us for sidecars in its pods.</summary>
    public bool Asks(LabelSet labels)
    {
        // Other injectors too take this label before the revision, whatever that says.
        if (labels[MeshLabels.Injection] is { } word) return word == MeshLabels.InjectionEnabled && IsEveryone;
        return labels[MeshLabels.Revision] is { } revision && (IsEveryone || revision == MeshLabels.OwnRevision);
    }

    /// <summary>Whether a namespace asks for sidecars that, alone, would be ours and now are another mesh's.</summary>
    public bool LeavesToOthers(LabelSet labels) => Everyone.Asks(labels) && !Asks(labels);

    /// <summary>Whether this pod's word, or its namespace's, is for us.</summary>
    internal bool Answers(V1Pod pod, LabelSet namespaceLabels, bool namespaceAsks) =>
        IsEveryone || (namespaceAsks ? !LeavesToOthers(namespaceLabels) : LabelSet.Of(pod.Metadata?.Labels)[MeshLabels.Revision] == MeshLabels.OwnRevision);

    private static bool IsAnothers(V1MutatingWebhookConfiguration one)
    {
        var labels = one.Metadata.Labels;
        if (labels is not null && labels.TryGetValue(MeshLabels.PartOf, out var whole) && whole == MeshLabels.PartOfMesh) return false;
        return (labels is not null && labels.TryGetValue(MeshLabels.App, out var app) && app == "sidecar-injector")
            || (one.Webhooks ?? []).Any(webhook => webhook.Name?.EndsWith(".istio.io", StringComparison.Ordinal) == true);
    }
}
