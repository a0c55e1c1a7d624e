using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Writes the slices <see cref="EndpointSlicePlan"/> wants and removes those it does not; other writers' slices are left alone.</summary>
internal sealed class EndpointSliceController(ClusterView view, KubernetesApi api)
{
    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        var service = view.Services.Find(key);
        var existing = view.EndpointSlices.All
            .Where(s => s.Metadata.NamespaceProperty == key.Namespace && Label(s, EndpointSlicePlan.ServiceLabel) == key.Name
                && Label(s, EndpointSlicePlan.ManagedByLabel) == EndpointSlicePlan.ManagedBy)
            .ToDictionary(s => s.Metadata.Name);
        if (service is null or { Metadata.DeletionTimestamp: not null })
        {
            foreach (var slice in existing.Values) await DeleteAsync(slice, cancellation);
            return;
        }

        if (service.Spec.Selector is null or { Count: 0 } || service.Spec.Type == "ExternalName") return;
        var pods = view.Pods.All.Where(p => p.Metadata.NamespaceProperty == key.Namespace);
        var wanted = EndpointSlicePlan.Build(service, pods, name => view.Nodes.Find(null, name));
        foreach (var slice in wanted)
        {
            if (!existing.Remove(slice.Metadata.Name, out var before)) await CreateAsync(slice, cancellation);
            else if (!Same(before, slice)) await ReplaceAsync(slice, cancellation);
        }

        foreach (var slice in existing.Values) await DeleteAsync(slice, cancellation);
    }

    private async Task CreateAsync(V1EndpointSlice slice, CancellationToken cancellation)
    {
        try
        {
            await api.CreateAsync(slice, cancellation);
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            await ReplaceAsync(slice, cancellation);
        }
    }

    /// <summary>Whole and without a resourceVersion: this controller is the only writer, and the newest plan is the right one.</summary>
    private async Task ReplaceAsync(V1EndpointSlice slice, CancellationToken cancellation) => await api.UpdateAsync(slice, cancellation);

    private Task DeleteAsync(V1EndpointSlice slice, CancellationToken cancellation) =>
        api.DeleteAsync<V1EndpointSlice>(slice.Metadata.Name, slice.Metadata.NamespaceProperty, slice.Metadata.Uid, cancellation);

    private static bool Same(V1EndpointSlice a, V1EndpointSlice b) => Text(a) == Text(b);

    private static string Text(V1EndpointSlice slice) => KubernetesJson.Serialize(new
    {
        labels = slice.Metadata.Labels?.OrderBy(l => l.Key, StringComparer.Ordinal).ToArray(),
        ports = slice.Ports ?? [],
        endpoints = slice.Endpoints ?? [],
    });

    private static string? Label(V1EndpointSlice slice, string name) =>
        slice.Metadata.Labels?.TryGetValue(name, out var value) == true ? value : null;
}
