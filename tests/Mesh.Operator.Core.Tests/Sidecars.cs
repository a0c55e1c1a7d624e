using System.Collections.Immutable;
using System.Net;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;
using Mesh.Sidecar.Routing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Sidecars that take what they are told: they read and check it with the sidecar's own reader.</summary>
internal static class Sidecars
{
    /// <summary>The config as a sidecar reads it; fails the test if it would refuse it.</summary>
    public static ProxyConfig Read(PodPlan pod)
    {
        var manifest = ConfigDocument.ManifestOf(pod.Sections, 1, pod.Uid);
        Assert.Equal(pod.Hash, manifest.Hash);
        var reading = ConfigReader.Read(ConfigDocument.Write(manifest, pod.Sections), pod.Uid);
        Assert.Empty(reading.Problems);
        Assert.Empty(ProxyConfigValidator.Validate(reading.Config!));
        return reading.Config!;
    }

    public static ProxyConfig ConfigOf(this MeshPlan plan, string pod, string ns = "default") => Read(plan.Pods[new ObjectKey(ns, pod)]);

    /// <summary>What all proxies report that hold this plan.</summary>
    public static Dictionary<ObjectKey, ProxyObservation> Holding(MeshPlan plan) =>
        plan.Pods.Values.ToDictionary(pod => pod.Pod, pod => new ProxyObservation { Report = ReportOf(pod) });

    public static ProxyReport ReportOf(PodPlan pod) => new()
    {
        Sequence = 1,
        Instance = "test",
        PodUid = pod.Uid,
        Revision = 1,
        Hash = pod.Hash,
        Sections = [.. pod.Sections.Select(section => section.Ref)],
    };

    public static VirtualHost? Host(this ProxyConfig config, int port, string domain) =>
        config.Routes.SingleOrDefault(table => table.Name == $"{port}")?.VirtualHosts.SingleOrDefault(host => host.Domains.Contains(domain));

    /// <summary>The members behind a port of a host.</summary>
    public static ImmutableArray<Endpoint> MembersOf(this ProxyConfig config, string host, int port) =>
        config.Endpoints.Single(group => group.Host == host && group.Port == port).Endpoints;

    /// <summary>
    /// The cluster of a connection that is no HTTP, by the sidecar's own table; empty where it is for an unknown destination.
    /// </summary>
    public static string Opaque(this ProxyConfig config, string address, int port, string? serverName = null)
    {
        var table = new ListenerTable(config.Outbound.Listeners.Select(listener => new CompiledListener(listener, null)));
        var destination = IPAddress.Parse(address);
        if (table.Find(new IPEndPoint(destination, port)) is not { } listener) return "";
        var choice = (serverName is null ? null : listener.FindTls(serverName, destination)) ?? listener.TcpDestinations(destination);
        return choice.Draw(new Random(1))?.Cluster ?? "";
    }

    /// <summary>The clusters a request of this host may go to, broken ones marked.</summary>
    public static ImmutableArray<string> ClustersOf(this VirtualHost host) =>
        [.. host.Routes.SelectMany(route => route.Destinations).Select(destination => (destination.Broken is null ? "" : "!") + destination.Cluster)];
}
