using k8s;
using Mesh.Local.Controllers;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Testing.Servers;

/// <summary>
/// The controllers of <c>mesh up</c> over the HTTPS of a server that has none. Without a scheduler changes of pods are gathered
/// before endpoints follow, as in the clusters without nodes that transcripts were recorded on.
/// </summary>
public sealed class RunningControllers : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly KubernetesApi api;
    private readonly Kubernetes kubernetes;
    private readonly ControlPlane control;
    private readonly Task[] running;

    private RunningControllers(string kubeconfig, bool schedules)
    {
        api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), TimeProvider.System, "kube-controller-manager");
        kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        var view = new ClusterView(api, TimeProvider.System, Random.Shared, NullLogger.Instance);
        var options = schedules ? new ControlPlaneOptions() : new ControlPlaneOptions { Schedules = false, EndpointBatch = TimeSpan.FromSeconds(1.5) };
        control = new ControlPlane(view, api, kubernetes, options, TimeProvider.System, Random.Shared, NullLogger.Instance);
        running = [view.RunAsync(stopping.Token), control.RunAsync(stopping.Token)];
        Listed = view.Listed;
    }

    private Task Listed { get; }

    public static async Task<RunningControllers> StartAsync(string kubeconfig, bool schedules = false)
    {
        var controllers = new RunningControllers(kubeconfig, schedules);
        await controllers.Listed;
        return controllers;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running);
        control.Dispose();
        kubernetes.Dispose();
        api.Dispose();
        stopping.Dispose();
    }
}
