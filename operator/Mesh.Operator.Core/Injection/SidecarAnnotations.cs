using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Core.Injection;

/// <summary>Istio's per-pod settings of the sidecar itself (<c>sidecar.istio.io/*</c> and others): those we act on, and what to say of the rest.</summary>
public sealed record SidecarAnnotations
{
    internal const string InterceptionMode = "sidecar.istio.io/interceptionMode";

    private const string Prefix = "sidecar.istio.io/";
    private const string Readiness = "readiness.status.sidecar.istio.io/";
    private const string Templates = "inject.istio.io/templates";

    /// <summary>All that change something, or say what is so anyway.</summary>
    internal static readonly FrozenSet<string> ActedOn = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            MeshLabels.Inject, MeshLabels.InjectionStatus, MeshLabels.RewriteProbes, InterceptionMode, Templates, ProxySettings.Annotation,
            SidecarResources.Cpu, SidecarResources.CpuLimit, SidecarResources.Memory, SidecarResources.MemoryLimit, UserVolumes.Volumes, UserVolumes.Mounts,
            Prefix + "proxyImage", Prefix + "logLevel", Prefix + "nativeSidecar", AppMetrics.Merge, "status.sidecar.istio.io/port",
            Readiness + "initialDelaySeconds", Readiness + "periodSeconds", Readiness + "failureThreshold",
        ]);

    private static readonly string[] Levels = ["trace", "debug", "info", "warning", "error", "critical", "off"];

    public string? Image { get; init; }

    public string? LogLevel { get; init; }

    /// <summary>The application's probes are asked by the sidecar (<c>rewriteAppHTTPProbers</c>). Default true.</summary>
    public bool RewriteProbes { get; init; } = true;

    /// <summary>The application's metrics are served with the sidecar's (<c>merge-metrics</c>); <c>null</c>: as the mesh says.</summary>
    public bool? MergesMetrics { get; init; }

    /// <summary>How the sidecar is started, as the pod itself says it.</summary>
    public ProxyStart Start { get; init; } = ProxyStart.None;

    /// <summary>Seconds before the sidecar's readiness is first asked; <c>null</c>: at once.</summary>
    public int? ReadinessDelay { get; init; }

    /// <summary>Seconds between two questions.</summary>
    public int ReadinessPeriod { get; init; } = 2;

    /// <summary>So many failures in a row, and the pod is not ready.</summary>
    public int ReadinessFailures { get; init; } = 4;

    public required V1ResourceRequirements Resources { get; init; }

    /// <summary>The user's own volumes in the sidecar.</summary>
    internal UserVolumes Own { get; init; } = UserVolumes.None;

    public ImmutableArray<string> Problems { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];

    public static SidecarAnnotations Read(IDictionary<string, string>? annotations)
    {
        annotations ??= new Dictionary<string, string>();
        var problems = ImmutableArray.CreateBuilder<string>();
        var level = Value(annotations, Prefix + "logLevel");
        if (level is not null && !Levels.Contains(level)) problems.Add($"metadata.annotations[{Prefix}logLevel]: \"{level}\" is no log level. Write one of {string.Join(", ", Levels)}.");
        if (Value(annotations, InterceptionMode) is { } mode && mode is not ("REDIRECT" or "TPROXY"))
            problems.Add($"metadata.annotations[{InterceptionMode}]: \"{mode}\" cannot be had: the sidecar's traffic is redirected. Write REDIRECT, or give the pod the label {MeshLabels.Inject}: \"false\".");
        if (Value(annotations, Templates) is { } templates && templates.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(one => one != "sidecar") is { } template)
            problems.Add($"metadata.annotations[{Templates}]: \"{template}\" is no template here: the only one is \"sidecar\". Remove the annotation, or give the pod the label {MeshLabels.Inject}: \"false\".");
        var proxy = ProxySettings.Read(Value(annotations, ProxySettings.Annotation) ?? "");
        problems.AddRange(proxy.Problems.Select(InConfig));
        var read = new SidecarAnnotations
        {
            Start = proxy.Start,
            Image = Value(annotations, Prefix + "proxyImage") is { Length: > 0 } image ? image : null,
            LogLevel = level,
            RewriteProbes = Truth(annotations, MeshLabels.RewriteProbes, problems) ?? true,
            MergesMetrics = Truth(annotations, AppMetrics.Merge, problems),
            ReadinessDelay = Number(annotations, Readiness + "initialDelaySeconds", 0, problems),
            Resources = SidecarResources.Read(annotations, problems),
            Own = UserVolumes.Read(annotations, problems),
            Warnings = [.. UnusedAnnotations.Warnings(annotations), .. proxy.Unused.Select(InConfig)],
        };
        return read with
        {
            ReadinessPeriod = Number(annotations, Readiness + "periodSeconds", 1, problems) ?? read.ReadinessPeriod,
            ReadinessFailures = Number(annotations, Readiness + "failureThreshold", 1, problems) ?? read.ReadinessFailures,
            Problems = problems.ToImmutable(),
        };
    }

    private static string InConfig((string Path, string? Value, string Message) found) =>
        $"metadata.annotations[{ProxySettings.Annotation}]{(found.Path.Length == 0 ? "" : "." + found.Path)}: {found.Message}.";

    // Words that Istio reads too.
    private static bool? Truth(IDictionary<string, string> annotations, string name, ImmutableArray<string>.Builder problems)
    {
        switch (Value(annotations, name))
        {
            case null:
                return null;
            case "true" or "True" or "TRUE" or "t" or "T" or "1":
                return true;
            case "false" or "False" or "FALSE" or "f" or "F" or "0":
                return false;
            case var text:
                problems.Add($"metadata.annotations[{name}]: \"{text}\" is neither \"true\" nor \"false\". Write one of them.");
                return null;
        }
    }

    private static int? Number(IDictionary<string, string> annotations, string name, int least, ImmutableArray<string>.Builder problems)
    {
        if (Value(annotations, name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least) return number;
        problems.Add($"metadata.annotations[{name}]: \"{text}\" is no whole number from {least} on. Write for example {Math.Max(least, 5)}.");
        return null;
    }

    private static string? Value(IDictionary<string, string> annotations, string name) => annotations.TryGetValue(name, out var value) ? value : null;
}
