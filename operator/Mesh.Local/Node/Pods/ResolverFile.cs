using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>A pod's resolv.conf from its dnsPolicy and dnsConfig. Pure.</summary>
internal static class ResolverFile
{
    /// <param name="pod">The pod.</param>
    /// <param name="server">The node's name server, which passes on what is not the cluster's.</param>
    public static string Build(V1Pod pod, string server)
    {
        List<string> servers = [], searches = [], options = [];
        if (pod.Spec.DnsPolicy != "None") servers.Add(server);
        // Default: the machine's own resolver, which a pod reaches through the node's; it has no names of the cluster to complete.
        if (pod.Spec.DnsPolicy is not ("None" or "Default"))
        {
            var ns = pod.Metadata.NamespaceProperty;
            searches.AddRange([$"{ns}.svc.cluster.local", "svc.cluster.local", "cluster.local"]);
            options.Add("ndots:5");
        }

        servers.AddRange(pod.Spec.DnsConfig?.Nameservers ?? []);
        searches.AddRange(pod.Spec.DnsConfig?.Searches ?? []);
        foreach (var option in pod.Spec.DnsConfig?.Options ?? [])
        {
            options.RemoveAll(o => o.Split(':')[0] == option.Name);
            options.Add(string.IsNullOrEmpty(option.Value) ? option.Name : $"{option.Name}:{option.Value}");
        }

        return (searches.Count > 0 ? $"search {string.Join(' ', searches.Distinct())}\n" : "")
            + string.Concat(servers.Distinct().Select(s => $"nameserver {s}\n"))
            + (options.Count > 0 ? $"options {string.Join(' ', options)}\n" : "");
    }
}
