using System.Collections.Concurrent;
using System.Globalization;
using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>
/// Keeps a service's slices as <see cref="EndpointSlicePlan"/> wants them: a slice whose ports fit is filled anew, so that its
/// name stays; what is left over goes. Other writers' slices are left alone.
/// </summary>
internal sealed class EndpointSliceController(ClusterView view, KubernetesApi api)
{
    private readonly EndpointTriggers _triggers = new();

    /// <summary>What was written last, for the time until the view shows it.</summary>
    private readonly ConcurrentDictionary<(string Namespace, string Name), V1EndpointSlice> _written = new();

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        var service = view.Services.Find(key);
        var existing = Existing(key);
        if (service is null or { Metadata.DeletionTimestamp: not null })
        {
            _triggers.Gone(key);
            foreach (var slice in existing) await DeleteAsync(slice, cancellation);
            return;
        }

        if (service.Spec.Selector is null or { Count: 0 } || service.Spec.Type == "ExternalName") return;
        var pods = view.Pods.All.Where(p => p.Metadata.NamespaceProperty == key.Namespace).ToList();
        var wanted = EndpointSlicePlan.Build(service, pods, name => view.Nodes.Find(null, name)).ToList();
        var trigger = _triggers.Next(service, EndpointSlicePlan.Usable(service, pods));
        foreach (var (slice, fill) in Match(existing, wanted))
        {
            if (slice is null) await CreateAsync(service, fill!, trigger, cancellation);
            else if (fill is null) await DeleteAsync(slice, cancellation);
            else await UpdateAsync(service, slice, fill, trigger, cancellation);
        }
    }

    /// <summary>Each slice with what it is to hold: first where the ports are the same, then any that is left.</summary>
    private static List<(V1EndpointSlice? Slice, EndpointSlicePlan.Wanted? Wanted)> Match(List<V1EndpointSlice> existing, List<EndpointSlicePlan.Wanted> wanted)
    {
        var (free, open) = (existing.ToList(), wanted.ToList());
        var matched = new List<(V1EndpointSlice?, EndpointSlicePlan.Wanted?)>();
        foreach (var fill in wanted)
        {
            if (free.FirstOrDefault(slice => EndpointSlicePlan.KeyOf(slice.Ports ?? []) == fill.PortKey) is not { } same) continue;
            matched.Add((same, fill));
            free.Remove(same);
            open.Remove(fill);
        }

        for (var i = 0; i < Math.Max(free.Count, open.Count); i++) matched.Add((free.ElementAtOrDefault(i), open.ElementAtOrDefault(i)));
        return matched;
    }

    private List<V1EndpointSlice> Existing(EntityKey key)
    {
        var seen = view.EndpointSlices.All.Where(s => IsOf(s, key)).ToDictionary(s => s.Metadata.Name);
        foreach (var (place, slice) in _written.Where(pair => IsOf(pair.Value, key)))
        {
            // The view has it, or a later state of it: ours is of no use any more.
            if (seen.TryGetValue(place.Name, out var shown) && shown.Metadata.Uid == slice.Metadata.Uid && Revision(shown) >= Revision(slice)) _written.TryRemove(place, out _);
            else seen[place.Name] = slice;
        }

        return [.. seen.Values.OrderBy(slice => slice.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>The slice is gone, whoever deleted it.</summary>
    public void SliceGone(V1EndpointSlice slice) => _written.TryRemove((slice.Metadata.NamespaceProperty, slice.Metadata.Name), out _);

    private async Task CreateAsync(V1Service service, EndpointSlicePlan.Wanted wanted, DateTime? trigger, CancellationToken cancellation)
    {
        var made = await api.CreateAsync(new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = service.Metadata.Name + "-",
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = EndpointSlicePlan.Labels(service),
                Annotations = EndpointTriggers.Annotated(null, trigger),
                OwnerReferences = [PodTemplates.Owner(service, "v1", "Service")],
            },
            AddressType = "IPv4",
            Ports = wanted.Ports.IsEmpty ? null : [.. wanted.Ports],
            Endpoints = wanted.Endpoints.IsEmpty ? null : [.. wanted.Endpoints],
        }, cancellation);
        _written[(made.Metadata.NamespaceProperty, made.Metadata.Name)] = made;
    }

    private async Task UpdateAsync(V1Service service, V1EndpointSlice slice, EndpointSlicePlan.Wanted wanted, DateTime? trigger, CancellationToken cancellation)
    {
        var labels = EndpointSlicePlan.Labels(service);
        if (Text(slice.Metadata.Labels, slice.Ports, slice.Endpoints) == Text(labels, wanted.Ports, wanted.Endpoints)) return;
        var written = await api.UpdateAsync(new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Name = slice.Metadata.Name,
                GenerateName = slice.Metadata.GenerateName,
                NamespaceProperty = slice.Metadata.NamespaceProperty,
                ResourceVersion = slice.Metadata.ResourceVersion,
                Labels = labels,
                Annotations = EndpointTriggers.Annotated(slice.Metadata.Annotations, trigger),
                OwnerReferences = slice.Metadata.OwnerReferences,
            },
            AddressType = slice.AddressType,
            Ports = wanted.Ports.IsEmpty ? null : [.. wanted.Ports],
            Endpoints = wanted.Endpoints.IsEmpty ? null : [.. wanted.Endpoints],
        }, cancellation);
        _written[(written.Metadata.NamespaceProperty, written.Metadata.Name)] = written;
    }

    private async Task DeleteAsync(V1EndpointSlice slice, CancellationToken cancellation)
    {
        await api.DeleteAsync<V1EndpointSlice>(slice.Metadata.Name, slice.Metadata.NamespaceProperty, slice.Metadata.Uid, cancellation);
        SliceGone(slice);
    }

    private static string Text(IDictionary<string, string>? labels, IEnumerable<Discoveryv1EndpointPort>? ports, IEnumerable<V1Endpoint>? endpoints) => KubernetesJson.Serialize(new
    {
        labels = (labels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).ToArray(),
        ports = ports ?? [],
        endpoints = endpoints ?? [],
    });

    private static bool IsOf(V1EndpointSlice slice, EntityKey service) =>
        slice.Metadata.NamespaceProperty == service.Namespace && Label(slice, EndpointSlicePlan.ServiceLabel) == service.Name
        && Label(slice, EndpointSlicePlan.ManagedByLabel) == EndpointSlicePlan.ManagedBy;

    private static long Revision(V1EndpointSlice slice) => long.Parse(slice.Metadata.ResourceVersion, CultureInfo.InvariantCulture);

    private static string? Label(V1EndpointSlice slice, string name) =>
        slice.Metadata.Labels?.TryGetValue(name, out var value) == true ? value : null;
}
