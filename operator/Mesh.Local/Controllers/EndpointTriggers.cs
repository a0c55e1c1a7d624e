using System.Collections.Concurrent;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>
/// When what a service's endpoints follow has changed, for the annotation by which the way of a change is measured: the
/// earliest of what was not yet told. A service counts from its making, a pod from when it became ready or stopped being so.
/// </summary>
internal sealed class EndpointTriggers
{
    private readonly ConcurrentDictionary<EntityKey, Dictionary<string, DateTime>> _told = new();

    /// <summary>Null when nothing new is known.</summary>
    public DateTime? Next(V1Service service, IEnumerable<V1Pod> pods)
    {
        var known = _told.GetOrAdd(EntityKey.Of(service.Metadata), _ => []);
        DateTime? earliest = null;
        lock (known)
        {
            var seen = new HashSet<string> { "" };
            Look("", service.Metadata.CreationTimestamp);
            foreach (var pod in pods)
            {
                seen.Add(pod.Metadata.Name);
                Look(pod.Metadata.Name, pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastTransitionTime);
            }

            foreach (var gone in known.Keys.Where(name => !seen.Contains(name)).ToList()) known.Remove(gone);
        }

        return earliest;

        void Look(string name, DateTime? at)
        {
            if (at is not { } time || (known.TryGetValue(name, out var before) && before >= time)) return;
            known[name] = time;
            if (earliest is null || time < earliest) earliest = time;
        }
    }

    public static Dictionary<string, string>? Annotated(IDictionary<string, string>? before, DateTime? trigger)
    {
        var after = new Dictionary<string, string>(before ?? new Dictionary<string, string>());
        if (trigger is { } time) after[EndpointSlicePlan.TriggerTime] = StatusPatch.Time(time)!;
        else after.Remove(EndpointSlicePlan.TriggerTime);
        return after.Count == 0 ? null : after;
    }

    public void Gone(EntityKey service) => _told.TryRemove(service, out _);
}
