using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;
using Mesh.Config;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Turns the application's probes and hooks to the sidecar, which asks the application in their stead. A kubelet has no
/// certificate, so a port that takes mutual TLS only would refuse it; and the sidecar accepts every captured connection,
/// so a tcpSocket probe would succeed while nobody listens. What the author wrote goes to the sidecar in one environment
/// variable, and from there comes back when a pod is injected again.
/// </summary>
internal sealed class AppProbes
{
    /// <summary>The sidecar's environment variable: a JSON object from path to probe.</summary>
    public const string Variable = "MESH_APP_PROBES";

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly IReadOnlyDictionary<string, AppProbe> known;
    private readonly SortedDictionary<string, AppProbe> kept = new(StringComparer.Ordinal);
    private readonly List<string> warnings = [];

    private AppProbes(IReadOnlyDictionary<string, AppProbe> known) => this.known = known;

    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>Value of <see cref="Variable"/>; null when there is nothing to ask.</summary>
    // Kubernetes would expand $(NAME) within a value of an environment variable.
    public string? Value => kept.Count == 0 ? null : JsonSerializer.Serialize(kept, Json).Replace("$", "\\u0024", StringComparison.Ordinal);

    /// <summary>Rewrites the containers of this pod in place; call it before an earlier sidecar is taken out.</summary>
    public static AppProbes Rewrite(V1Pod pod) => Each(pod, (probes, container, path) => probes.Rewrite(container, path));

    /// <summary>Gives the containers back what an earlier injection took, for a pod that asks to keep its probes.</summary>
    public static AppProbes Restore(V1Pod pod) => Each(pod, (probes, container, _) => probes.Restore(container));

    private static AppProbes Each(V1Pod pod, Action<AppProbes, V1Container, string> change)
    {
        var probes = new AppProbes(Known(pod));
        foreach (var (container, path) in Containers(pod)) change(probes, container, path);
        return probes;
    }

    // Those of init containers that end have no probes; a native sidecar of the application's own has.
    private static IEnumerable<(V1Container Container, string Path)> Containers(V1Pod pod) =>
        (pod.Spec.InitContainers ?? []).Select((container, i) => (container, $"spec.initContainers[{i}]"))
            .Concat((pod.Spec.Containers ?? []).Select((container, i) => (container, $"spec.containers[{i}]")))
            .Where(pair => !PodInjector.OwnContainers.Contains(pair.container.Name));

    private static Dictionary<string, AppProbe> Known(V1Pod pod)
    {
        var value = pod.Spec.InitContainers?.FirstOrDefault(container => container.Name == InjectedContainers.ProxyName)
            ?.Env?.FirstOrDefault(variable => variable.Name == Variable)?.Value;
        if (string.IsNullOrEmpty(value)) return [];
        try
        {
            return (JsonSerializer.Deserialize<Dictionary<string, AppProbe>>(value, Json) ?? []).Where(pair => pair.Value is { IsWhole: true }).ToDictionary();
        }
        catch (JsonException)
        {
            // Nobody of ours wrote it; a probe that needs it is warned of.
            return [];
        }
    }

    private void Rewrite(V1Container container, string path)
    {
        foreach (var (probe, field, page) in Probes(container))
        {
            var target = $"/app-health/{container.Name}/{page}";
            if (!Keep(container, probe.HttpGet, probe.TcpSocket, probe.Grpc, probe.TimeoutSeconds ?? 1, target, $"{path}.{field}")) continue;
            (probe.HttpGet, probe.TcpSocket, probe.Grpc) = (Sidecars(target), null, null);
        }

        foreach (var (hook, field, page) in Hooks(container))
        {
            var target = $"/app-lifecycle/{container.Name}/{page}";
            if (!Keep(container, hook.HttpGet, hook.TcpSocket, null, null, target, $"{path}.lifecycle.{field}")) continue;
            (hook.HttpGet, hook.TcpSocket) = (Sidecars(target), null);
        }
    }

    private void Restore(V1Container container)
    {
        foreach (var (probe, _, page) in Probes(container))
        {
            var target = $"/app-health/{container.Name}/{page}";
            if (!IsSidecars(probe.HttpGet, target) || !known.TryGetValue(target, out var original)) continue;
            (probe.HttpGet, probe.TcpSocket) = (HttpOf(original), TcpOf(original));
            probe.Grpc = original.Grpc is { } grpc ? new V1GRPCAction { Port = grpc.Port, Service = grpc.Service } : null;
        }

        foreach (var (hook, _, page) in Hooks(container))
        {
            var target = $"/app-lifecycle/{container.Name}/{page}";
            if (!IsSidecars(hook.HttpGet, target) || !known.TryGetValue(target, out var original)) continue;
            (hook.HttpGet, hook.TcpSocket) = (HttpOf(original), TcpOf(original));
        }
    }

    /// <summary>Whether the probe is (or already was) the sidecar's to ask.</summary>
    private bool Keep(V1Container container, V1HTTPGetAction? http, V1TCPSocketAction? tcp, V1GRPCAction? grpc, int? timeout, string target, string path)
    {
        if (IsSidecars(http, target))
        {
            if (known.TryGetValue(target, out var before)) kept[target] = before with { TimeoutSeconds = timeout };
            else warnings.Add($"{path}: it asks the sidecar for {target}, but what the application is to be asked is not known, so it will fail. Write the application's own probe.");
            return false;
        }

        // One that is aimed at another host does not ask this pod's application.
        if (!string.IsNullOrEmpty(http?.Host) || !string.IsNullOrEmpty(tcp?.Host)) return false;
        var written = http?.Port ?? tcp?.Port;
        if (written is null && grpc is null) return false;
        if ((grpc?.Port ?? Port(container, written!)) is not { } port)
        {
            warnings.Add($"{path}: the container has no port named \"{written}\", so the probe is left as it is and will fail. Add the port to the container, or write its number.");
            return false;
        }

        kept[target] = new AppProbe
        {
            HttpGet = http is null ? null : new AppProbe.Http
            {
                Path = string.IsNullOrEmpty(http.Path) ? "/" : http.Path,
                Port = port,
                Scheme = string.IsNullOrEmpty(http.Scheme) ? "HTTP" : http.Scheme,
                HttpHeaders = http.HttpHeaders is { Count: > 0 } headers ? [.. headers.Select(header => new AppProbe.Header { Name = header.Name, Value = header.Value ?? "" })] : null,
            },
            TcpSocket = http is null && tcp is not null ? new AppProbe.Tcp { Port = port } : null,
            Grpc = grpc is null ? null : new AppProbe.GrpcHealth { Port = port, Service = grpc.Service },
            TimeoutSeconds = timeout,
        };
        return true;
    }

    private static int? Port(V1Container container, IntOrString port) =>
        int.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : container.Ports?.FirstOrDefault(candidate => candidate.Name == port.Value)?.ContainerPort;

    private static IEnumerable<(V1Probe Probe, string Field, string Page)> Probes(V1Container container) =>
        new (V1Probe? Probe, string Field, string Page)[]
        {
            (container.LivenessProbe, "livenessProbe", "livez"),
            (container.ReadinessProbe, "readinessProbe", "readyz"),
            (container.StartupProbe, "startupProbe", "startupz"),
        }.Where(probe => probe.Probe is not null)!;

    private static IEnumerable<(V1LifecycleHandler Hook, string Field, string Page)> Hooks(V1Container container) =>
        new (V1LifecycleHandler? Hook, string Field, string Page)[]
        {
            (container.Lifecycle?.PostStart, "postStart", "poststartz"),
            (container.Lifecycle?.PreStop, "preStop", "prestopz"),
        }.Where(hook => hook.Hook is not null)!;

    private static V1HTTPGetAction Sidecars(string target) => new() { Path = target, Port = WellKnown.StatusPort };

    private static bool IsSidecars(V1HTTPGetAction? http, string target) =>
        http is { Path: { } path, Port: { } port } && path == target && port.Value == WellKnown.StatusPort.ToString(CultureInfo.InvariantCulture) && string.IsNullOrEmpty(http.Host);

    private static V1HTTPGetAction? HttpOf(AppProbe original) => original.HttpGet is not { } http ? null : new V1HTTPGetAction
    {
        Path = http.Path,
        Port = http.Port,
        Scheme = http.Scheme,
        HttpHeaders = http.HttpHeaders is { } headers ? [.. headers.Select(header => new V1HTTPHeader { Name = header.Name, Value = header.Value })] : null,
    };

    private static V1TCPSocketAction? TcpOf(AppProbe original) => original.TcpSocket is { } tcp ? new V1TCPSocketAction { Port = tcp.Port } : null;
}
