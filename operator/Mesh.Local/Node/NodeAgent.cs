using System.Collections.Concurrent;
using k8s.Models;
using Mesh.Local.Controllers;
using Mesh.Local.Node.Pods;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>
/// Node is the agent of one node: what enters are pods bound to it, what leaves are their processes, networks, volumes,
/// statuses and Events. This type only gives each pod a worker and passes changes on; a worker's failure is its pod's alone.
/// Nothing here decides how many pods there are (Controllers do) and nothing reaches outside the mesh's own namespaces.
/// </summary>
internal sealed class NodeAgent
{
    /// <summary>How many pods are set up at the same time: a start is mostly waiting for programs, but not all of it.</summary>
    private static readonly int AtOnce = Math.Max(8, Environment.ProcessorCount * 4);

    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Run)> _workers = new();
    private readonly SemaphoreSlim _starting = new(AtOnce);
    private readonly string _name;
    private readonly WatchedKind<V1Pod> _pods;
    private readonly NodeServices _services;
    private CancellationToken _shutdown;

    public NodeAgent(string name, WatchedKind<V1Pod> pods, NodeServices services) => (_name, _pods, _services) = (name, pods, services);

    /// <summary>The worker of the pod named, while it runs here.</summary>
    public PodWorker? Find(string ns, string name) =>
        _workers.Values.Select(w => w.Worker).FirstOrDefault(w => w.Pod.Metadata.Name == name && w.Pod.Metadata.NamespaceProperty == ns);

    /// <summary>Runs until cancelled; when it returns no process of any pod is left.</summary>
    public async Task RunAsync(CancellationToken shutdown)
    {
        _shutdown = shutdown;
        lock (_workers)
        {
            // One that is switched on again finds pods that are known already.
            _pods.Changed += OnPod;
            foreach (var pod in _pods.All) OnPod(null, pod);
        }

        await Task.Delay(Timeout.Infinite, shutdown).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _pods.Changed -= OnPod;
        while (!_workers.IsEmpty)
        {
            foreach (var (uid, (_, run)) in _workers)
            {
                await run;
                _workers.TryRemove(uid, out _);
            }
        }
    }

    private void OnPod(V1Pod? before, V1Pod? now)
    {
        lock (_workers) Take(before, now);
    }

    private void Take(V1Pod? before, V1Pod? now)
    {
        var pod = now ?? before!;
        if (pod.Spec.NodeName != _name) return;
        if (now is null)
        {
            // Taken away without waiting for us (force): so its processes need not be waited for either.
            if (_workers.TryGetValue(pod.Metadata.Uid, out var known)) known.Worker.Stop(TimeSpan.FromSeconds(1));
            return;
        }

        if (_workers.TryGetValue(pod.Metadata.Uid, out var running))
        {
            running.Worker.Update(pod);
            return;
        }

        if (_shutdown.IsCancellationRequested) return;
        var worker = new PodWorker(pod, _services);
        if (PodTemplates.IsFinished(pod))
        {
            if (pod.Metadata.DeletionTimestamp is not null) _ = RemoveAsync(worker);
            return;
        }

        if (pod.Metadata.DeletionTimestamp is not null) worker.Update(pod);
        _workers[pod.Metadata.Uid] = (worker, Task.Run(() => LiveAsync(worker), CancellationToken.None));
    }

    private async Task LiveAsync(PodWorker worker)
    {
        var pod = worker.Pod.Metadata;
        try
        {
            await worker.RunAsync(_starting, _shutdown);
        }
        catch (Exception e)
        {
            // One place for all that a pod's own errors can be: the other pods go on, and the pod says what happened.
            _services.Log.LogError(e, "Pod {Namespace}/{Pod} could not be run", pod.NamespaceProperty, pod.Name);
            _services.Api.Tell(new PodEvent(worker.Pod, null, true, "FailedCreatePodSandBox", e.Message));
            if (worker.Pod.Metadata.DeletionTimestamp is not null) await RemoveAsync(worker);
        }
        finally
        {
            _workers.TryRemove(pod.Uid, out _);
        }
    }

    private async Task RemoveAsync(PodWorker worker)
    {
        try
        {
            await _services.Api.Remove(worker.Pod, _shutdown);
        }
        catch (Exception e) when (e is Operator.Runtime.ApiException or HttpRequestException or TimeoutException or OperationCanceledException or k8s.Autorest.HttpOperationException)
        {
            _services.Log.LogDebug("Pod {Pod} could not be removed: {Why}", worker.Pod.Metadata.Name, e.Message);
        }
    }
}
