using System.Collections.Immutable;
using k8s.Models;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.Controllers;

namespace Mesh.Local.Faults;

/// <summary>Who is meant by a word of a fault: the IPv4 and IPv6 addresses, or subnets of whole nodes.</summary>
internal sealed class FaultSelector(ClusterView view, MeshNodes nodes)
{
    /// <summary>Null is anybody at all.</summary>
    /// <exception cref="FaultException">Nothing is called so.</exception>
    public ImmutableArray<string>? Addresses(string words, string ns)
    {
        if (words is "any" or "*") return null;
        var (kind, name) = words.Split('/', 2) is [var k, var n] && !k.Contains('=') ? (k, n) : (words.Contains('=') || words.Contains(" in ", StringComparison.Ordinal) ? "selector" : "pod", words);
        return kind switch
        {
            "node" or "no" => Subnets(nodes.All.Where(node => node.Identity.Name == name), $"no node {name}; nodes: {Names(nodes.All.Select(node => node.Identity.Name))}"),
            "zone" => Subnets(nodes.All.Where(node => node.Identity.Zone == name), $"no zone {name}; zones: {Names(nodes.All.Select(node => node.Identity.Zone))}"),
            "pod" or "pods" or "po" => Pods(pod => pod.Metadata.Name == name, ns, $"no pod {name} in namespace {ns}; pods: {PodNames(ns)}"),
            "deploy" or "deployment" or "deployments" => Pods(pod => DeploymentOf(pod) == name, ns, $"no pod of a deployment {name} in namespace {ns}; deployments: {Names(view.Deployments.All.Where(d => d.Metadata.NamespaceProperty == ns).Select(d => d.Metadata.Name))}"),
            "namespace" or "ns" => Pods(_ => true, name, $"no pod in a namespace {name}"),
            "selector" => Labelled(words, ns),
            _ => throw new FaultException($"{words}: pod/NAME, deploy/NAME, namespace/NAME, node/NAME, zone/NAME, LABEL=VALUE or any"),
        };
    }

    private ImmutableArray<string> Labelled(string words, string ns)
    {
        LabelSelector selector;
        try
        {
            selector = new LabelSelector(new LabelSelectorParser(words).Read());
        }
        catch (StatusException e)
        {
            throw new FaultException($"{words}: {e.Message}");
        }

        return Pods(pod => selector.MatchesLabels(key => pod.Metadata.Labels?.TryGetValue(key, out var value) == true ? value : null), ns, $"no pod in namespace {ns} has {words}");
    }

    private ImmutableArray<string> Pods(Func<V1Pod, bool> wanted, string ns, string none)
    {
        var pods = view.Pods.All.Where(p => p.Metadata.NamespaceProperty == ns && !PodTemplates.IsFinished(p) && wanted(p)).ToList();
        if (pods.Count == 0) throw new FaultException(none);
        return [.. pods.SelectMany(p => p.Status?.PodIPs ?? []).Select(ip => ip.Ip).Where(ip => !string.IsNullOrEmpty(ip)).Order(StringComparer.Ordinal)];
    }

    private static ImmutableArray<string> Subnets(IEnumerable<Node.MeshNode> meant, string none)
    {
        ImmutableArray<string> subnets = [.. meant.SelectMany(node => new[] { node.Network.Plan.Pods.ToString(), node.Network.Plan.IPv6Prefix + "/64" })];
        return subnets.IsEmpty ? throw new FaultException(none) : subnets;
    }

    private string? DeploymentOf(V1Pod pod) =>
        pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Kind == "ReplicaSet") is { } owner
            ? view.ReplicaSets.Find(pod.Metadata.NamespaceProperty, owner.Name)?.Metadata.OwnerReferences?.FirstOrDefault(o => o.Kind == "Deployment")?.Name
            : null;

    private string PodNames(string ns) => Names(view.Pods.All.Where(p => p.Metadata.NamespaceProperty == ns).Select(p => p.Metadata.Name));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Distinct().Order(StringComparer.Ordinal)) is { Length: > 0 } some ? some : "none";
}
