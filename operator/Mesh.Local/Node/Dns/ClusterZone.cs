using System.Net;
using k8s.Models;

namespace Mesh.Local.Node.Dns;

/// <summary>
/// Dns answers pods' name lookups: what enters are questions and the services and endpoints as they are now, what leaves are
/// addresses. This type decides (pure); <see cref="ClusterDns"/> listens; <see cref="HostResolver"/> asks the machine's own
/// resolver about names that are not the cluster's.
/// </summary>
internal sealed class ClusterZone(Func<string, string, V1Service?> service, Func<string, string, IEnumerable<V1EndpointSlice>> slices)
{
    public const string Domain = "cluster.local";

    public static bool Covers(string name) =>
        name.Equals(Domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + Domain, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is known of a name inside the zone; null when there is no such name.</summary>
    public ZoneAnswer? Find(string name)
    {
        var labels = name.ToLowerInvariant().Split('.');
        if (labels is [.., var ns, "svc", "cluster", "local"] && labels.Length >= 5)
            return FindService(labels[..^4], ns);
        if (labels is [var dashed, var podNs, "pod", "cluster", "local"] && podNs.Length > 0 && IPAddress.TryParse(dashed.Replace('-', '.'), out var ip))
            return new ZoneAnswer { Addresses = [ip] };
        // The names between the domain and the services exist and have nothing.
        return labels is ["cluster", "local"] or [_, "cluster", "local"] or [_, "svc", "cluster", "local"] ? new ZoneAnswer() : null;
    }

    private ZoneAnswer? FindService(string[] labels, string ns)
    {
        if (service(ns, labels[^1]) is not { } found) return null;
        var below = labels[..^1];
        if (found.Spec.Type == "ExternalName") return below.Length == 0 ? new ZoneAnswer { Alias = found.Spec.ExternalName.TrimEnd('.') } : null;
        var headless = found.Spec.ClusterIP == "None";
        return below switch
        {
            [] => new ZoneAnswer
            {
                Addresses = headless ? Endpoints(found).Select(e => e.Address).Distinct().ToList() : ClusterIPs(found),
                Services = [.. (found.Spec.Ports ?? []).Where(p => !string.IsNullOrEmpty(p.Name)).SelectMany(p => Targets(found, headless, p))],
            },
            [var host] when headless => Endpoints(found).Where(e => e.HostName == host).Select(e => e.Address).Distinct().ToList() is { Count: > 0 } addresses
                ? new ZoneAnswer { Addresses = addresses }
                : null,
            [['_', .. var port], ['_', .. var protocol]] => Port(found, headless, port, protocol),
            _ => null,
        };
    }

    private ZoneAnswer? Port(V1Service found, bool headless, string name, string protocol)
    {
        var port = found.Spec.Ports?.FirstOrDefault(p => p.Name == name && string.Equals(p.Protocol ?? "TCP", protocol, StringComparison.OrdinalIgnoreCase));
        return port is null ? null : new ZoneAnswer { Services = [.. Targets(found, headless, port)] };
    }

    /// <summary>SRV targets: the service's own name and port, or each pod behind a headless one.</summary>
    private IEnumerable<(string Target, int Port)> Targets(V1Service found, bool headless, V1ServicePort port)
    {
        var name = $"{found.Metadata.Name}.{found.Metadata.NamespaceProperty}.svc.{Domain}";
        if (!headless) return [(name, port.Port)];
        return slices(found.Metadata.NamespaceProperty, found.Metadata.Name)
            .SelectMany(slice => (slice.Ports ?? []).Where(p => p.Name == port.Name && p.Port is not null)
                .SelectMany(p => Usable(found, slice).Select(e => ($"{HostName(e)}.{name}", p.Port!.Value))))
            .Distinct();
    }

    private IEnumerable<(IPAddress Address, string HostName)> Endpoints(V1Service found) =>
        slices(found.Metadata.NamespaceProperty, found.Metadata.Name)
            .SelectMany(slice => Usable(found, slice))
            .SelectMany(e => e.Addresses.Select(a => (IPAddress.Parse(a), HostName(e))));

    private static IEnumerable<V1Endpoint> Usable(V1Service found, V1EndpointSlice slice) =>
        (slice.Endpoints ?? []).Where(e => e.Conditions?.Ready != false || found.Spec.PublishNotReadyAddresses == true);

    private static string HostName(V1Endpoint endpoint) =>
        string.IsNullOrEmpty(endpoint.Hostname) ? endpoint.Addresses[0].Replace('.', '-').Replace(':', '-') : endpoint.Hostname;

    private static List<IPAddress> ClusterIPs(V1Service found)
    {
        var texts = found.Spec.ClusterIPs is { Count: > 0 } several ? several : [found.Spec.ClusterIP ?? ""];
        return [.. texts.Where(t => t is not ("None" or "")).Select(IPAddress.Parse)];
    }
}
