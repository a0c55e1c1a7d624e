using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Controllers;

/// <summary>All controllers over one view: which change of which kind wakes which of them.</summary>
internal sealed class ControlPlane : IDisposable
{
    private readonly List<ControlLoop> _loops = [];
    private readonly ClusterView _view;

    public ControlPlane(ClusterView view, KubernetesApi api, IKubernetes kubernetes, Action<V1Pod, bool, string, string> tell, TimeProvider time, Random random, ILogger log)
    {
        _view = view;
        var scheduler = new SchedulerController(view, kubernetes, api, tell);
        var scheduling = Loop("scheduler", scheduler.ReconcileAsync);
        var deployments = Loop("deployment", new DeploymentController(view, api, time).ReconcileAsync);
        ControlLoop? setLoop = null;
        var sets = new ReplicaSetController(view, api, time, (key, delay) => setLoop!.AddAfter(key, delay));
        setLoop = Loop("replicaset", sets.ReconcileAsync);
        var daemons = new DaemonSetController(view, api);
        var daemonLoop = Loop("daemonset", daemons.ReconcileAsync);
        var stateful = Loop("statefulset", new StatefulSetController(view, api).ReconcileAsync);
        var jobs = new JobController(view, api, time);
        var jobLoop = Loop("job", jobs.ReconcileAsync);
        var slices = Loop("endpointslice", new EndpointSliceController(view, api).ReconcileAsync);

        view.Deployments.Changed += (before, now) => deployments.Add(Key(before, now));
        view.StatefulSets.Changed += (before, now) => stateful.Add(Key(before, now));
        view.DaemonSets.Changed += (before, now) => daemonLoop.Add(Key(before, now));
        view.Jobs.Changed += (before, now) => jobLoop.Add(Key(before, now));
        view.ReplicaSets.Changed += (before, now) =>
        {
            setLoop.Add(Key(before, now));
            Owner(before, now, "Deployment", deployments);
        };
        view.Services.Changed += (before, now) => slices.Add(Key(before, now));
        view.EndpointSlices.Changed += (before, now) =>
        {
            // Only a slice that somebody took away is news; our own writes are not.
            if (now is null && before!.Metadata.Labels?.TryGetValue(EndpointSlicePlan.ServiceLabel, out var service) == true)
                slices.Add(new EntityKey(before.Metadata.NamespaceProperty, service));
        };
        view.Nodes.Changed += (before, now) =>
        {
            if (before is not null) return;
            foreach (var set in view.DaemonSets.All) daemonLoop.Add(EntityKey.Of(set.Metadata));
            foreach (var pod in view.Pods.All.Where(p => string.IsNullOrEmpty(p.Spec.NodeName))) scheduling.Add(EntityKey.Of(pod.Metadata));
        };
        view.Pods.Changed += (before, now) =>
        {
            if (now is not null && string.IsNullOrEmpty(now.Spec.NodeName)) scheduling.Add(Key(before, now));
            if (now is null)
            {
                sets.PodGone(before!);
                daemons.PodGone(before!);
                jobs.PodGone(before!);
            }

            Owner(before, now, "ReplicaSet", setLoop);
            Owner(before, now, "StatefulSet", stateful);
            Owner(before, now, "DaemonSet", daemonLoop);
            Owner(before, now, "Job", jobLoop);
            if (MattersToSlices(before, now)) WakeServices(before, now, slices);
        };

        ControlLoop Loop(string name, Func<EntityKey, CancellationToken, Task> reconcile)
        {
            var loop = new ControlLoop(name, reconcile, time, random, log);
            _loops.Add(loop);
            return loop;
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await _view.Listed.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_loops.Select(loop => loop.RunAsync(cancellation)));
    }

    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
    }

    private void WakeServices(V1Pod? before, V1Pod? now, ControlLoop slices)
    {
        var ns = (now ?? before)!.Metadata.NamespaceProperty;
        foreach (var service in _view.Services.All)
        {
            if (service.Metadata.NamespaceProperty != ns || service.Spec.Selector is not { Count: > 0 } selector) continue;
            if (LabelMatch.Holds(selector, before?.Metadata.Labels) || LabelMatch.Holds(selector, now?.Metadata.Labels)) slices.Add(EntityKey.Of(service.Metadata));
        }
    }

    /// <summary>Most of a pod's changes are its containers' counts and times; endpoints hang on few fields.</summary>
    private static bool MattersToSlices(V1Pod? before, V1Pod? now) =>
        before is null || now is null
        || before.Status?.PodIP != now.Status?.PodIP
        || PodTemplates.IsReady(before) != PodTemplates.IsReady(now)
        || PodTemplates.IsFinished(before) != PodTemplates.IsFinished(now)
        || before.Metadata.DeletionTimestamp != now.Metadata.DeletionTimestamp
        || !LabelMatch.Holds(before.Metadata.Labels, now.Metadata.Labels) || !LabelMatch.Holds(now.Metadata.Labels, before.Metadata.Labels);

    private static void Owner<T>(T? before, T? now, string kind, ControlLoop loop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var meta = (now ?? before)!.Metadata;
        if (meta.OwnerReferences?.FirstOrDefault(o => o.Controller == true && o.Kind == kind) is { } owner)
            loop.Add(new EntityKey(meta.NamespaceProperty, owner.Name));
    }

    private static EntityKey Key<T>(T? before, T? now) where T : class, IKubernetesObject<V1ObjectMeta> => EntityKey.Of((now ?? before)!.Metadata);
}
