using k8s;
using k8s.Models;
using Mesh.Local.Controllers.Deployments;
using Mesh.Local.Controllers.Jobs;
using Mesh.Local.Controllers.Scheduling;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Controllers;

/// <summary>All controllers over one view: which change of which kind wakes which of them.</summary>
internal sealed class ControlPlane : IDisposable
{
    // A slice goes with its Service, and the two are told in no order: the Service's own event is waited for.
    private static readonly TimeSpan ServiceMayGoToo = TimeSpan.FromMilliseconds(200);

    private readonly List<ControlLoop> _loops = [];
    private readonly ClusterView _view;
    private readonly ObjectEvents _events;
    private readonly ControlPlaneOptions _options;
    private readonly Func<string, Func<EntityKey, CancellationToken, Task>, ControlLoop> _loop;

    public ControlPlane(ClusterView view, KubernetesApi api, IKubernetes kubernetes, ControlPlaneOptions options, TimeProvider time, Random random, ILogger log)
    {
        (_view, _options) = (view, options);
        _events = new ObjectEvents(api, time, log);
        _loop = (name, reconcile) =>
        {
            var loop = new ControlLoop(name, reconcile, time, random, log);
            _loops.Add(loop);
            return loop;
        };
        if (options.Schedules)
        {
            FollowScheduling(api, kubernetes, time);
            FollowNodes(api, time);
        }

        FollowDeployments(api, time);
        FollowWorkloads(api, time);
        FollowServices(api);
        FollowBudgets(api, time);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await _view.Listed.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll([_events.RunAsync(cancellation), .. _loops.Select(loop => loop.RunAsync(cancellation))]);
    }

    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
    }

    private void FollowScheduling(KubernetesApi api, IKubernetes kubernetes, TimeProvider time)
    {
        var loop = _loop("scheduler", new SchedulerController(_view, kubernetes, api, _events, time).ReconcileAsync);
        _view.Pods.Changed += (before, now) =>
        {
            if (now is not null && string.IsNullOrEmpty(now.Spec.NodeName)) loop.Add(Key(before, now));
            // A pod that went leaves room for one that had none.
            if (now is null) Waiting();
        };
        _view.Nodes.Changed += (_, now) =>
        {
            if (now is not null) Waiting();
        };

        void Waiting()
        {
            foreach (var pod in _view.Pods.All.Where(p => string.IsNullOrEmpty(p.Spec.NodeName))) loop.Add(EntityKey.Of(pod.Metadata));
        }
    }

    private void FollowNodes(KubernetesApi api, TimeProvider time)
    {
        ControlLoop? loop = null;
        loop = _loop("node", new NodeLifecycleController(_view, api, _events, time, (key, delay) => loop!.AddAfter(key, delay)).ReconcileAsync);
        _view.Nodes.Changed += (before, now) => loop.Add(Key(before, now));
        _view.Pods.Changed += (before, now) =>
        {
            // A pod that was put on a node with taints is looked at at once.
            if (now is not null && before?.Spec.NodeName != now.Spec.NodeName && !string.IsNullOrEmpty(now.Spec.NodeName)) loop.Add(new EntityKey("", now.Spec.NodeName));
        };
    }

    private void FollowDeployments(KubernetesApi api, TimeProvider time)
    {
        ControlLoop? deploymentLoop = null;
        deploymentLoop = _loop("deployment", new DeploymentController(_view, new DeploymentWrites(api, _events, time), (key, delay) => deploymentLoop!.AddAfter(key, delay)).ReconcileAsync);
        ControlLoop? setLoop = null;
        var sets = new ReplicaSetController(_view, api, _events, time, (key, delay) => setLoop!.AddAfter(key, delay));
        setLoop = _loop("replicaset", sets.ReconcileAsync);
        _view.Deployments.Changed += (before, now) => deploymentLoop.Add(Key(before, now));
        _view.ReplicaSets.Changed += (before, now) =>
        {
            setLoop.Add(Key(before, now));
            Owner(before, now, "Deployment", deploymentLoop);
        };
        _view.Pods.Changed += (before, now) =>
        {
            if (now is null) sets.PodGone(before!);
            Owner(before, now, "ReplicaSet", setLoop);
            // A Recreate rollout waits for pods, not only for what a set says of them.
            if (now is null && before!.Metadata.OwnerReferences?.FirstOrDefault(o => o.Kind == "ReplicaSet") is { } owner
                && _view.ReplicaSets.Find(before.Metadata.NamespaceProperty, owner.Name) is { } set) Owner(null, set, "Deployment", deploymentLoop);
        };
    }

    private void FollowWorkloads(KubernetesApi api, TimeProvider time)
    {
        ControlLoop? daemonLoop = null;
        var daemons = new DaemonSetController(_view, api, time, (key, delay) => daemonLoop!.AddAfter(key, delay));
        daemonLoop = _loop("daemonset", daemons.ReconcileAsync);
        ControlLoop? stateful = null;
        stateful = _loop("statefulset", new StatefulSetController(_view, api, time, (key, delay) => stateful!.AddAfter(key, delay)).ReconcileAsync);
        ControlLoop? jobLoop = null;
        var jobs = new JobController(_view, api, _events, time, (key, delay) => jobLoop!.AddAfter(key, delay));
        jobLoop = _loop("job", jobs.ReconcileAsync);
        _view.StatefulSets.Changed += (before, now) => stateful.Add(Key(before, now));
        _view.DaemonSets.Changed += (before, now) => daemonLoop.Add(Key(before, now));
        _view.Jobs.Changed += (before, now) => jobLoop.Add(Key(before, now));
        _view.Nodes.Changed += (_, _) =>
        {
            foreach (var set in _view.DaemonSets.All) daemonLoop.Add(EntityKey.Of(set.Metadata));
        };
        _view.Pods.Changed += (before, now) =>
        {
            if (now is null)
            {
                daemons.PodGone(before!);
                jobs.PodGone(before!);
            }

            Owner(before, now, "StatefulSet", stateful);
            Owner(before, now, "DaemonSet", daemonLoop);
            Owner(before, now, "Job", jobLoop);
        };
    }

    private void FollowServices(KubernetesApi api)
    {
        var controller = new EndpointSliceController(_view, api);
        ControlLoop[] loops = [_loop("endpointslice", controller.ReconcileAsync), _loop("endpoints", new EndpointsController(_view, api).ReconcileAsync)];
        _view.Services.Changed += (before, now) => Wake(Key(before, now), TimeSpan.Zero);
        _view.EndpointSlices.Changed += (before, now) =>
        {
            // Only a slice that somebody took away or changed is news; our own writes are seen to be as they should.
            if (now is null) controller.SliceGone(before!);
            if ((now ?? before)!.Metadata.Labels?.TryGetValue(EndpointSlicePlan.ServiceLabel, out var service) == true)
                loops[0].AddAfter(new EntityKey((now ?? before)!.Metadata.NamespaceProperty, service), now is null ? ServiceMayGoToo : _options.EndpointBatch);
        };
        _view.Pods.Changed += (before, now) =>
        {
            if (!MattersToServices(before, now)) return;
            foreach (var service in _view.Services.All.Where(service => service.Metadata.NamespaceProperty == (now ?? before)!.Metadata.NamespaceProperty))
            {
                if (service.Spec.Selector is { Count: > 0 } selector
                    && (LabelMatch.Holds(selector, before?.Metadata.Labels) || LabelMatch.Holds(selector, now?.Metadata.Labels))) Wake(EntityKey.Of(service.Metadata), _options.EndpointBatch);
            }
        };

        void Wake(EntityKey service, TimeSpan delay)
        {
            foreach (var loop in loops) loop.AddAfter(service, delay);
        }
    }

    private void FollowBudgets(KubernetesApi api, TimeProvider time)
    {
        ControlLoop? loop = null;
        loop = _loop("disruption", new DisruptionController(_view, api, _events, time, (key, delay) => loop!.AddAfter(key, delay)).ReconcileAsync);
        _view.Budgets.Changed += (before, now) => loop.Add(Key(before, now));
        _view.Pods.Changed += (before, now) =>
        {
            foreach (var budget in _view.Budgets.All.Where(budget => budget.Metadata.NamespaceProperty == (now ?? before)!.Metadata.NamespaceProperty))
            {
                if (LabelMatch.Holds(budget.Spec.Selector, before?.Metadata.Labels) || LabelMatch.Holds(budget.Spec.Selector, now?.Metadata.Labels)) loop.Add(EntityKey.Of(budget.Metadata));
            }
        };
        _view.ReplicaSets.Changed += (_, now) => OfNamespace(now?.Metadata.NamespaceProperty);
        _view.Deployments.Changed += (_, now) => OfNamespace(now?.Metadata.NamespaceProperty);

        void OfNamespace(string? ns)
        {
            foreach (var budget in _view.Budgets.All.Where(budget => budget.Metadata.NamespaceProperty == ns)) loop.Add(EntityKey.Of(budget.Metadata));
        }
    }

    /// <summary>Most of a pod's changes are its containers' counts and times; endpoints hang on few fields.</summary>
    private static bool MattersToServices(V1Pod? before, V1Pod? now) =>
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
