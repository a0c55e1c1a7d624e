using k8s.Models;
using Mesh.Local.Controllers;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>What a node sees of the cluster: its own pods, and the services and endpoints it routes for.</summary>
internal sealed record NodeView
{
    public required WatchedKind<V1Pod> Pods { get; init; }

    public required WatchedKind<V1Service> Services { get; init; }

    public required WatchedKind<V1EndpointSlice> EndpointSlices { get; init; }

    /// <summary>The view of a node that has its control plane beside it: nothing is watched twice.</summary>
    public static NodeView Of(ClusterView view) => new() { Pods = view.Pods, Services = view.Services, EndpointSlices = view.EndpointSlices };

    /// <summary>A view of the node's own, by its own connection.</summary>
    public static NodeView Of(string node, KubernetesApi api, TimeProvider time, Random random, ILogger log) => new()
    {
        Pods = new WatchedKind<V1Pod>(api, time, random, log, new WatchScope { FieldSelector = $"spec.nodeName={node}" }),
        Services = new WatchedKind<V1Service>(api, time, random, log),
        EndpointSlices = new WatchedKind<V1EndpointSlice>(api, time, random, log),
    };

    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(Pods.RunAsync(cancellation), Services.RunAsync(cancellation), EndpointSlices.RunAsync(cancellation));
}
