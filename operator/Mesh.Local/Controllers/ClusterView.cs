using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Controllers;

/// <summary>
/// Controllers are what makes the API's objects live on a local mesh: what a scheduler and a controller manager do on a
/// cluster, over the same HTTPS API, each in its plainest form. This view is what they all read: one reflector a kind, so
/// that ten controllers cost one watch each kind. Nothing here touches a process or a network.
/// </summary>
internal sealed class ClusterView
{
    private readonly List<Func<CancellationToken, Task>> _run = [];
    private readonly List<Task> _listed = [];

    public ClusterView(KubernetesApi api, TimeProvider time, Random random, ILogger log)
    {
        Pods = Watch<V1Pod>();
        Services = Watch<V1Service>();
        EndpointSlices = Watch<V1EndpointSlice>();
        Nodes = Watch<V1Node>();
        Deployments = Watch<V1Deployment>();
        ReplicaSets = Watch<V1ReplicaSet>();
        StatefulSets = Watch<V1StatefulSet>();
        DaemonSets = Watch<V1DaemonSet>();
        Jobs = Watch<V1Job>();
        Budgets = Watch<V1PodDisruptionBudget>();

        WatchedKind<T> Watch<T>() where T : class, IKubernetesObject<V1ObjectMeta>
        {
            var kind = new WatchedKind<T>(api, time, random, log);
            _run.Add(kind.RunAsync);
            _listed.Add(kind.Listed);
            return kind;
        }
    }

    public WatchedKind<V1Pod> Pods { get; }

    public WatchedKind<V1Service> Services { get; }

    public WatchedKind<V1EndpointSlice> EndpointSlices { get; }

    public WatchedKind<V1Node> Nodes { get; }

    public WatchedKind<V1Deployment> Deployments { get; }

    public WatchedKind<V1ReplicaSet> ReplicaSets { get; }

    public WatchedKind<V1StatefulSet> StatefulSets { get; }

    public WatchedKind<V1DaemonSet> DaemonSets { get; }

    public WatchedKind<V1Job> Jobs { get; }

    public WatchedKind<V1PodDisruptionBudget> Budgets { get; }

    /// <summary>Done when everything that existed at the start is known.</summary>
    public Task Listed => Task.WhenAll(_listed);

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(_run.Select(run => run(cancellation)));

    /// <summary>The pods an object controls.</summary>
    public IEnumerable<V1Pod> PodsOf(V1ObjectMeta owner) =>
        Pods.All.Where(p => p.Metadata.NamespaceProperty == owner.NamespaceProperty && p.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == owner.Uid) == true);
}
