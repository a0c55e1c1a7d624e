using System.Globalization;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>The labels and annotations by which an injected pod is known: to the operator, to callers, to telemetry and to kubectl.</summary>
internal static class PodMarks
{
    private const int LongestLabel = 63;

    /// <summary>Marks the pod in place; what comes back is to be told.</summary>
    public static IReadOnlyList<string> Set(V1Pod pod, string? configName, string status, bool sharesRoot)
    {
        var labels = pod.Metadata.Labels ??= new Dictionary<string, string>();
        // Tells every client that this pod's sidecar has an identity and takes mutual TLS.
        labels[MeshLabels.TlsMode] = MeshLabels.TlsModeMutual;
        string? warning = null;
        if (sharesRoot) labels[MeshLabels.OthersTlsMode] = MeshLabels.OthersTlsModeMutual;
        else if (labels.Remove(MeshLabels.OthersTlsMode))
            warning = $"metadata.labels[{MeshLabels.OthersTlsMode}]: left out, since another mesh's sidecars would speak mutual TLS under a root that this pod does not trust.";
        Canonical(labels, MeshLabels.CanonicalName, Own(labels, "app.kubernetes.io/name") ?? Own(labels, MeshLabels.App) ?? WorkloadOf(pod));
        Canonical(labels, MeshLabels.CanonicalRevision, Own(labels, "app.kubernetes.io/version") ?? Own(labels, MeshLabels.Version) ?? "latest");

        var annotations = pod.Metadata.Annotations ??= new Dictionary<string, string>();
        if (configName is null) annotations.Remove(MeshLabels.Config);
        else annotations[MeshLabels.Config] = configName;
        annotations[MeshLabels.InjectionStatus] = status;
        annotations[MeshLabels.Format] = ProxyConfig.CurrentFormatVersion.ToString(CultureInfo.InvariantCulture);
        // Revision of a record this pod never had (the YAML of a running pod applied again).
        annotations.Remove(MeshLabels.ConfigRevision);
        annotations.Remove(MeshLabels.Credentials);
        if (pod.Spec.Containers is [{ Name: { Length: > 0 } first }, ..])
        {
            annotations.TryAdd("kubectl.kubernetes.io/default-container", first);
            annotations.TryAdd("kubectl.kubernetes.io/default-logs-container", first);
        }

        return warning is null ? [] : [warning];
    }

    // The same words as the operator's, which falls back on them where a label is missing.
    private static void Canonical(IDictionary<string, string> labels, string label, string? value)
    {
        if (value is { Length: > 0 and <= LongestLabel }) labels.TryAdd(label, value);
    }

    private static string? WorkloadOf(V1Pod pod) =>
        pod.Metadata.OwnerReferences is { Count: > 0 } || !string.IsNullOrEmpty(pod.Metadata.Name) ? WorkloadNames.Of(pod) : pod.Metadata.GenerateName?.TrimEnd('-');

    private static string? Own(IDictionary<string, string> labels, string label) => labels.TryGetValue(label, out var value) && value.Length > 0 ? value : null;
}
