using System.Collections.Immutable;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Core.Injection;

/// <summary>Istio's per-pod settings of the sidecar itself (<c>sidecar.istio.io/*</c> and others): those we act on, and what to say of the rest.</summary>
public sealed record SidecarAnnotations
{
    private const string Prefix = "sidecar.istio.io/";

    private static readonly string[] ActedOn =
        ["inject", "status", "proxyCPU", "proxyCPULimit", "proxyMemory", "proxyMemoryLimit", "proxyImage", "logLevel", "rewriteAppHTTPProbers"];

    private static readonly string[] Levels = ["trace", "debug", "info", "warning", "error", "critical", "off"];

    public string? Image { get; init; }

    public string? LogLevel { get; init; }

    /// <summary>The application's probes are asked by the sidecar (<c>rewriteAppHTTPProbers</c>). Default true.</summary>
    public bool RewriteProbes { get; init; } = true;

    /// <summary>How the sidecar is started, as the pod itself says it.</summary>
    public ProxyStart Start { get; init; } = ProxyStart.None;

    public required V1ResourceRequirements Resources { get; init; }

    public ImmutableArray<string> Problems { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];

    public static SidecarAnnotations Read(IDictionary<string, string>? annotations)
    {
        annotations ??= new Dictionary<string, string>();
        var problems = ImmutableArray.CreateBuilder<string>();
        var level = annotations.TryGetValue(Prefix + "logLevel", out var word) ? word : null;
        if (level is not null && !Levels.Contains(level)) problems.Add($"metadata.annotations[{Prefix}logLevel]: \"{level}\" is no log level. Write one of {string.Join(", ", Levels)}.");
        var rewrite = annotations.TryGetValue(MeshLabels.RewriteProbes, out var written) ? written : "true";
        if (rewrite is not ("true" or "false")) problems.Add($"metadata.annotations[{MeshLabels.RewriteProbes}]: \"{rewrite}\" is neither \"true\" nor \"false\". Write one of them.");
        var proxy = ProxySettings.Read(annotations.TryGetValue(ProxySettings.Annotation, out var yaml) ? yaml : "");
        problems.AddRange(proxy.Problems.Select(InConfig));
        return new SidecarAnnotations
        {
            Start = proxy.Start,
            Image = annotations.TryGetValue(Prefix + "proxyImage", out var image) && image.Length > 0 ? image : null,
            LogLevel = level,
            RewriteProbes = rewrite == "true",
            Resources = ReadResources(annotations, problems),
            Warnings = [.. annotations.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => Unsupported(a.Key, a.Value)), .. proxy.Unused.Select(InConfig)],
            Problems = problems.ToImmutable(),
        };
    }

    private static string InConfig((string Path, string? Value, string Message) found) =>
        $"metadata.annotations[{ProxySettings.Annotation}]{(found.Path.Length == 0 ? "" : "." + found.Path)}: {found.Message}.";

    private static V1ResourceRequirements ReadResources(IDictionary<string, string> annotations, ImmutableArray<string>.Builder problems)
    {
        ResourceQuantity? Read(string name)
        {
            if (!annotations.TryGetValue(Prefix + name, out var text)) return null;
            try
            {
                var quantity = new ResourceQuantity(text);
                _ = quantity.ToDecimal();
                return quantity;
            }
            catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
            {
                problems.Add($"metadata.annotations[{Prefix}{name}]: \"{text}\" is no quantity. Write for example 100m or 128Mi.");
                return null;
            }
        }

        var (cpu, cpuLimit, memory, memoryLimit) = (Read("proxyCPU"), Read("proxyCPULimit"), Read("proxyMemory"), Read("proxyMemoryLimit"));
        // As in Istio: who sets any of the four takes all of them into their own hands.
        var own = cpu is not null || cpuLimit is not null || memory is not null || memoryLimit is not null;
        var requests = own ? Map(cpu, memory) : Map(new ResourceQuantity("100m"), new ResourceQuantity("128Mi"));
        var limits = own ? Map(cpuLimit, memoryLimit) : Map(new ResourceQuantity("2"), new ResourceQuantity("1Gi"));
        return new V1ResourceRequirements { Requests = requests, Limits = limits };
    }

    private static Dictionary<string, ResourceQuantity>? Map(ResourceQuantity? cpu, ResourceQuantity? memory)
    {
        var map = new Dictionary<string, ResourceQuantity>();
        if (cpu is { } c) map["cpu"] = c;
        if (memory is { } m) map["memory"] = m;
        return map.Count == 0 ? null : map;
    }

    private static IEnumerable<string> Unsupported(string name, string value)
    {
        var unsupported = name switch
        {
            "sidecar.istio.io/interceptionMode" => value != "REDIRECT",
            "sidecar.istio.io/nativeSidecar" => value != "true",
            "inject.istio.io/templates" or "status.sidecar.istio.io/port" => true,
            "traffic.sidecar.istio.io/kubevirtInterfaces" or "istio.io/reroute-virtual-interfaces" => true,
            _ when name.StartsWith("readiness.status.sidecar.istio.io/", StringComparison.Ordinal) => true,
            _ => name.StartsWith(Prefix, StringComparison.Ordinal) && !ActedOn.Contains(name[Prefix.Length..]),
        };
        if (unsupported) yield return $"metadata.annotations[{name}]: this version of Mesh does not act on it with the value \"{value}\"; the sidecar runs with its default.";
    }
}
