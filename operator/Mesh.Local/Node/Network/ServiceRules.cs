using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace Mesh.Local.Node.Network;

/// <summary>
/// ClusterIPs as iptables rules, as kube-proxy would write them: a chain a service port that picks an endpoint at random, a
/// chain an endpoint that translates. Pure: objects in, the text for iptables-restore out, the same for the same objects.
/// </summary>
internal static class ServiceRules
{
    private const string MasqueradeMark = "0x4000/0x4000";

    public static string Render(IEnumerable<V1Service> services, IEnumerable<V1EndpointSlice> slices)
    {
        var byService = slices
            .Where(s => s.AddressType == "IPv4" && s.Metadata.Labels?.ContainsKey("kubernetes.io/service-name") == true)
            .ToLookup(s => (s.Metadata.NamespaceProperty, s.Metadata.Labels["kubernetes.io/service-name"]));
        var chains = new StringBuilder();
        var rules = new StringBuilder();
        var refusals = new StringBuilder();
        foreach (var service in services.OrderBy(s => s.Metadata.NamespaceProperty, StringComparer.Ordinal).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal))
        {
            if (service.Spec.ClusterIP is not { Length: > 0 } ip || ip == "None" || ip.Contains(':')) continue;
            var ofService = byService[(service.Metadata.NamespaceProperty, service.Metadata.Name)].ToList();
            foreach (var port in service.Spec.Ports ?? [])
                AddPort(service, ip, port, Endpoints(ofService, port), chains, rules, refusals);
        }

        return $"""
            *nat
            :PREROUTING ACCEPT [0:0]
            :INPUT ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :POSTROUTING ACCEPT [0:0]
            :MESH-SERVICES - [0:0]
            {chains}-A PREROUTING -j MESH-SERVICES
            -A OUTPUT -j MESH-SERVICES
            -A POSTROUTING -m mark --mark {MasqueradeMark} -j MASQUERADE
            {rules}COMMIT
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :MESH-REFUSED - [0:0]
            -A FORWARD -j MESH-REFUSED
            -A OUTPUT -j MESH-REFUSED
            {refusals}COMMIT

            """;
    }

    private static void AddPort(
        V1Service service, string ip, V1ServicePort port, ImmutableArray<(string Address, int Port)> endpoints,
        StringBuilder chains, StringBuilder rules, StringBuilder refusals)
    {
        var protocol = Protocol(port.Protocol);
        var match = $"-d {ip}/32 -p {protocol} -m {protocol} --dport {port.Port}";
        if (endpoints.IsEmpty)
        {
            refusals.AppendLine(CultureInfo.InvariantCulture, $"-A MESH-REFUSED {match} -j REJECT{(protocol == "tcp" ? " --reject-with tcp-reset" : "")}");
            return;
        }

        var chain = Chain("SVC", service, port, "");
        chains.AppendLine(CultureInfo.InvariantCulture, $":{chain} - [0:0]");
        rules.AppendLine(CultureInfo.InvariantCulture, $"-A MESH-SERVICES {match} -j {chain}");
        var sticky = service.Spec.SessionAffinity == "ClientIP";
        var seconds = service.Spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? 10800;
        var targets = endpoints.Select(e => (Chain: Chain("SEP", service, port, $"{e.Address}:{e.Port}"), Endpoint: e)).ToList();
        if (sticky)
        {
            foreach (var (target, _) in targets)
                rules.AppendLine(CultureInfo.InvariantCulture, $"-A {chain} -m recent --name {target} --rcheck --seconds {seconds} --reap -j {target}");
        }

        for (var i = 0; i < targets.Count; i++)
        {
            var (target, endpoint) = targets[i];
            var left = targets.Count - i;
            var chance = left == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" -m statistic --mode random --probability {1.0 / left:F10}");
            chains.AppendLine(CultureInfo.InvariantCulture, $":{target} - [0:0]");
            rules.AppendLine(CultureInfo.InvariantCulture, $"-A {chain}{chance} -j {target}");
            // A pod that reaches itself by its service must see the answer come back through the node.
            rules.AppendLine(CultureInfo.InvariantCulture, $"-A {target} -s {endpoint.Address}/32 -j MARK --set-xmark {MasqueradeMark}");
            var remember = sticky ? $" -m recent --name {target} --set" : "";
            rules.AppendLine(CultureInfo.InvariantCulture, $"-A {target} -p {protocol} -m {protocol}{remember} -j DNAT --to-destination {endpoint.Address}:{endpoint.Port}");
        }
    }

    /// <summary>Ready endpoints; without any, those that end but still serve, as kube-proxy has it.</summary>
    private static ImmutableArray<(string Address, int Port)> Endpoints(List<V1EndpointSlice> slices, V1ServicePort port)
    {
        var all = slices
            .Select(slice => (slice, Port: (slice.Ports ?? []).FirstOrDefault(p => (p.Name ?? "") == (port.Name ?? "") && Protocol(p.Protocol) == Protocol(port.Protocol))))
            .Where(s => s.Port?.Port is not null)
            .SelectMany(s => (s.slice.Endpoints ?? []).SelectMany(e => e.Addresses.Select(a => (e.Conditions, Endpoint: (a, s.Port!.Port!.Value)))))
            .ToList();
        var ready = all.Where(e => e.Conditions?.Ready != false).Select(e => e.Endpoint).ToList();
        if (ready.Count == 0) ready = [.. all.Where(e => e.Conditions?.Serving == true && e.Conditions.Terminating == true).Select(e => e.Endpoint)];
        return [.. ready.Distinct().OrderBy(e => e.a, StringComparer.Ordinal).ThenBy(e => e.Value)];
    }

    private static string Protocol(string? name) => (name ?? "TCP").ToLowerInvariant();

    /// <summary>A chain's name: at most 28 characters, the same in each run.</summary>
    private static string Chain(string kind, V1Service service, V1ServicePort port, string endpoint)
    {
        var text = $"{service.Metadata.NamespaceProperty}/{service.Metadata.Name}:{port.Name}:{port.Port}:{port.Protocol}:{endpoint}";
        return $"MESH-{kind}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 8)}";
    }
}
