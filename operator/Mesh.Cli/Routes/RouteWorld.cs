using System.Net;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Sidecar.Routing;

namespace Mesh.Cli.Routes;

/// <summary>What the caller's proxy was told, made of the objects by the operator's own planner and read by the proxy's own reader.</summary>
internal sealed class RouteWorld
{
    private const string ImaginedPod = "mesh-route";

    private RouteWorld(MeshSnapshot snapshot, MeshPlan plan, PodPlan pod, ProxyConfig config)
    {
        (Plan, Pod, Config) = (plan, pod.Pod, config);
        Snapshot = snapshot;
        Tables = config.Routes.ToDictionary(table => table.Name, table => new CompiledRouteTable(table), StringComparer.Ordinal);
        Listeners = new ListenerTable(config.Outbound.Listeners.Select(listener => new CompiledListener(listener, Tables.GetValueOrDefault(listener.RouteTable))));
    }

    public MeshSnapshot Snapshot { get; }

    public MeshPlan Plan { get; }

    public ObjectKey Pod { get; }

    public ProxyConfig Config { get; }

    public Dictionary<string, CompiledRouteTable> Tables { get; }

    public ListenerTable Listeners { get; }

    /// <summary>The world of a caller.</summary>
    /// <exception cref="KeyNotFoundException">The caller is not among the objects.</exception>
    public static RouteWorld Of(MeshSnapshot snapshot, RouteCaller caller)
    {
        var workload = Find(snapshot, caller);
        var whole = snapshot with { Workloads = snapshot.Workloads.SetItem(workload.Key, workload) };
        var plan = MeshPlanner.Plan(whole);
        var pod = plan.Pods[workload.Key];
        var manifest = ConfigDocument.ManifestOf(pod.Sections, 1, pod.Uid);
        var reading = ConfigReader.Read(ConfigDocument.Write(manifest, pod.Sections), pod.Uid);
        return new RouteWorld(whole, plan, pod, reading.Config ?? throw new InvalidOperationException($"a proxy would refuse this config: {string.Join("; ", reading.Problems)}"));
    }

    /// <summary>Where a name leads, as the proxy's name server and the cluster's would say; null: nobody knows.</summary>
    public IPAddress? AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out var address)) return address;
        var name = host.TrimEnd('.').ToLowerInvariant();
        var told = Config.Outbound.Dns.Names.FirstOrDefault(candidate => Matches(candidate.Name, name));
        var known = told?.Addresses.FirstOrDefault()
            ?? Snapshot.Services.Values.FirstOrDefault(service => HostNames.HeaderForms(service.Host, Pod.Namespace).Contains(name))?.Addresses.Items.FirstOrDefault();
        return known is not null && IPAddress.TryParse(known, out var found) ? found : null;
    }

    private bool Matches(string told, string asked) =>
        told == asked || HostNames.HeaderForms(told, Pod.Namespace).Contains(asked)
        || (told.StartsWith("*.", StringComparison.Ordinal) && asked.Length > told.Length - 1 && asked.EndsWith(told[1..], StringComparison.Ordinal));

    private static Workload Find(MeshSnapshot snapshot, RouteCaller caller)
    {
        if (caller.Pod is null)
        {
            var key = new ObjectKey(caller.Namespace, ImaginedPod);
            return new Workload { Key = key, Uid = ImaginedPod, WorkloadName = ImaginedPod, ConfigName = ImaginedPod, Labels = LabelSet.Of(caller.Labels) };
        }

        var found = snapshot.Workloads.GetValueOrDefault(new ObjectKey(caller.Namespace, caller.Pod))
            ?? snapshot.Workloads.Values.FirstOrDefault(workload => workload.Key.Namespace == caller.Namespace && workload.WorkloadName == caller.Pod)
            ?? throw new KeyNotFoundException($"there is no pod {caller} in what was read; --from '{caller.Namespace}?app=NAME' asks for one that need not exist");
        // Whether the cluster would give it a sidecar is another question.
        return found.IsInMesh ? found : found with { ConfigName = ImaginedPod, IsFinished = false };
    }
}
