using System.Globalization;
using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>The variables by which containers find services (WEB_SERVICE_HOST and the like). Pure.</summary>
internal static class ServiceVariables
{
    /// <summary>The API server's always; those of the pod's own namespace unless it wants none (enableServiceLinks: false).</summary>
    public static IEnumerable<KeyValuePair<string, string>> Build(V1Pod pod, IEnumerable<V1Service> services) =>
        services
            .Where(s => s.Spec.ClusterIP is { Length: > 0 } and not "None" && s.Spec.Ports is { Count: > 0 })
            .Where(s => IsApi(s) || (pod.Spec.EnableServiceLinks != false && s.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty))
            // The API server's come last: a service of the pod's own called kubernetes does not hide it.
            .OrderBy(IsApi).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)
            .SelectMany(Of);

    private static bool IsApi(V1Service service) => service.Metadata is { Name: "kubernetes", NamespaceProperty: "default" };

    private static IEnumerable<KeyValuePair<string, string>> Of(V1Service service)
    {
        var name = Upper(service.Metadata.Name);
        var ip = service.Spec.ClusterIP;
        var first = service.Spec.Ports[0];
        yield return new(name + "_SERVICE_HOST", ip);
        yield return new(name + "_SERVICE_PORT", Number(first.Port));
        foreach (var port in service.Spec.Ports.Where(p => !string.IsNullOrEmpty(p.Name))) yield return new($"{name}_SERVICE_PORT_{Upper(port.Name)}", Number(port.Port));
        yield return new(name + "_PORT", Url(ip, first));
        foreach (var port in service.Spec.Ports)
        {
            var prefix = $"{name}_PORT_{Number(port.Port)}_{(port.Protocol ?? "TCP").ToUpperInvariant()}";
            yield return new(prefix, Url(ip, port));
            yield return new(prefix + "_PROTO", Protocol(port));
            yield return new(prefix + "_PORT", Number(port.Port));
            yield return new(prefix + "_ADDR", ip);
        }
    }

    private static string Url(string ip, V1ServicePort port) => $"{Protocol(port)}://{ip}:{Number(port.Port)}";

    private static string Protocol(V1ServicePort port) => (port.Protocol ?? "TCP").ToLowerInvariant();

    private static string Upper(string name) => name.ToUpperInvariant().Replace('-', '_');

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
