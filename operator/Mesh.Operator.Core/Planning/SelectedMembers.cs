using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Whom services select by label beside what EndpointSlices tell: Services of the cluster select WorkloadEntries too,
/// ServiceEntries select WorkloadEntries and pods, all within their namespace.
/// </summary>
internal sealed class SelectedMembers(MeshSnapshot snapshot)
{
    private static readonly Found Nobody = new([], []);

    private readonly ILookup<string, Rule<WorkloadEntrySpec>> entries = snapshot.WorkloadEntries.Values.ToLookup(entry => entry.Namespace, StringComparer.Ordinal);

    private readonly Lazy<ILookup<string, Workload>> pods = new(() => snapshot.Workloads.Values.ToLookup(workload => workload.Key.Namespace, StringComparer.Ordinal));

    public Found Of(Service service)
    {
        if (service.Selector.IsEmpty || service.Kind is ServiceKind.ExternalName or ServiceKind.Unresolved) return Nobody;
        var selected = entries[service.Key.Namespace].Where(entry => LabelSet.Of(entry.Spec.Labels).Satisfies(service.Selector)).ToImmutableArray();
        if (!service.IsOfEntry) return selected.IsEmpty ? Nobody : new Found(selected, []);
        return new Found(selected,
        [
            .. pods.Value[service.Key.Namespace].Where(pod =>
                pod.Labels.Satisfies(service.Selector) && pod is { IsReady: true, IsTerminating: false, IsFinished: false, Addresses.Count: > 0 }),
        ]);
    }

    internal sealed record Found(ImmutableArray<Rule<WorkloadEntrySpec>> Entries, ImmutableArray<Workload> Pods);
}
