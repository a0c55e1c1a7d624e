using System.Collections.Immutable;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Credentials;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Adds init container, sidecar, volumes and stamp to a pod, and turns its probes to the sidecar. Both containers go before the user's own init containers, so
/// that these already have the mesh's network; the sidecar is a native one (restartPolicy Always), so that it outlives the
/// application and a Job still finishes. Done to its own result it gives the same again.
/// </summary>
public static class PodInjector
{
    internal static readonly ImmutableArray<string> OwnContainers = [InjectedContainers.InitName, InjectedContainers.ProxyName];

    internal static readonly ImmutableArray<string> OwnVolumes =
    [
        InjectedContainers.ConfigVolume, InjectedContainers.TrustVolume, InjectedContainers.TokenVolume, InjectedContainers.DataVolume,
        InjectedContainers.PodInfoVolume, InjectedContainers.CredentialsVolume,
    ];

    private static readonly string Status = JsonSerializer.Serialize(new
    {
        initContainers = OwnContainers,
        containers = (string[]?)null,
        volumes = OwnVolumes,
        imagePullSecrets = (string[]?)null,
        revision = MeshLabels.OwnRevision,
    });

    /// <summary>The pod with its sidecar; the one given is not touched.</summary>
    /// <param name="pod">As it came.</param>
    /// <param name="settings">Images and the like.</param>
    /// <param name="configName">
    /// Stamp: name of the pod's config record, whatever stamp the pod came with. Null for what makes many pods, which cannot share
    /// a record: their sidecars are told over their control sessions alone.
    /// </param>
    public static InjectionResult Inject(V1Pod pod, InjectionSettings settings, string? configName)
    {
        var capture = CaptureSettings.Read(pod.Metadata?.Annotations);
        var sidecar = SidecarAnnotations.Read(pod.Metadata?.Annotations);
        ImmutableArray<string> problems = [.. capture.Problems, .. sidecar.Problems, .. sidecar.Own.ProblemsWith(pod.Spec.Volumes)];
        if (!problems.IsEmpty) return new InjectionResult { Problems = problems, Warnings = sidecar.Warnings };

        var start = settings.Selected.Over(sidecar.Start.Over(settings.Start));
        capture = capture with { RedirectDns = start.DnsCapture ?? settings.DnsCapture };
        var copy = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(pod));
        copy.Metadata ??= new V1ObjectMeta();
        var probes = sidecar.RewriteProbes ? AppProbes.Rewrite(copy) : AppProbes.Restore(copy);
        copy.Spec.InitContainers =
        [
            InjectedContainers.Init(settings, capture),
            InjectedContainers.Proxy(settings, sidecar, start, probes.Value),
            .. (copy.Spec.InitContainers ?? []).Where(c => !OwnContainers.Contains(c.Name)),
        ];
        var added = sidecar.Own.Added.Select(volume => volume.Name).ToHashSet(StringComparer.Ordinal);
        copy.Spec.Volumes = [.. (copy.Spec.Volumes ?? []).Where(v => !OwnVolumes.Contains(v.Name) && !added.Contains(v.Name)), .. InjectedContainers.Volumes(configName, CredentialNames.For(copy)), .. sidecar.Own.Added];
        var warnings = PodMarks.Set(copy, configName, Status, settings.SharesRoot);
        var captured = sidecar.RewriteProbes ? [] : CapturedProbes.Warnings(copy, capture);
        return new InjectionResult { Pod = copy, Warnings = [.. sidecar.Warnings, .. warnings, .. probes.Warnings, .. captured] };
    }
}
