using Mesh.Api;
using Mesh.Api.Telemetry;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Telemetry;

/// <summary>
/// Telemetries for no pod (IST0101), several for one pod (IST0159) or for one whole namespace (IST0160), and access logs
/// that name nobody to write them (IST0157).
/// </summary>
internal sealed class TelemetryScopes : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        mesh.Of<TelemetrySpec>().GroupBy(telemetry => telemetry.Namespace, StringComparer.Ordinal).SelectMany(group => Of([.. group], mesh.Snapshot))
            .Concat(mesh.Of<TelemetrySpec>().SelectMany(Providers));

    private static IEnumerable<Finding> Of(List<Written<TelemetrySpec>> all, MeshSnapshot snapshot)
    {
        var whole = all.Where(telemetry => !HasTarget(telemetry) && Selector(telemetry).IsEmpty).ToList();
        if (whole.Count > 1)
            foreach (var telemetry in whole)
                yield return Found.Error(FindingCodes.MultipleTelemetriesWithoutWorkloadSelectors, telemetry.Resource, "spec.selector", null, $"{Names(whole)} are all for the whole namespace; only the oldest counts.", "Put all into one, or give the others a selector.");
        var selecting = all.Where(telemetry => !Selector(telemetry).IsEmpty).Select(telemetry => (Telemetry: telemetry, Pods: Pods(telemetry, snapshot))).ToList();
        foreach (var (telemetry, pods) in selecting)
        {
            if (pods.Count == 0)
                yield return Found.Error(FindingCodes.ReferencedResourceNotFound, telemetry.Resource, "spec.selector", Selector(telemetry), $"No pod in {telemetry.Namespace} has these labels, so this acts on none.", "Correct the labels, or those of the pod template of the Deployment.");
            var rivals = selecting.Where(other => other.Pods.Overlaps(pods)).Select(other => other.Telemetry).ToList();
            if (rivals.Count > 1)
                yield return Found.Error(FindingCodes.ConflictingTelemetryWorkloadSelectors, telemetry.Resource, "spec.selector", Selector(telemetry), $"{Names(rivals)} are for the same pods; only the oldest counts there.", "Let only one of them select these pods.");
        }
    }

    private static IEnumerable<Finding> Providers(Written<TelemetrySpec> telemetry)
    {
        for (var i = 0; i < telemetry.Spec.AccessLogging.Count; i++)
        {
            var log = telemetry.Spec.AccessLogging[i];
            if (log.Disabled != true && log.Providers.Count == 0)
                yield return Found.Warning(FindingCodes.InvalidTelemetryProvider, telemetry.Resource, $"spec.accessLogging[{i}].providers", null, "Nobody is named to write this log, so it is not written.", "Name a provider, for example envoy.");
        }
    }

    private static bool HasTarget(Written<TelemetrySpec> telemetry) => telemetry.Spec.TargetRef is not null || telemetry.Spec.TargetRefs.Count > 0;

    private static LabelSet Selector(Written<TelemetrySpec> telemetry) => LabelSet.Of(telemetry.Spec.Selector?.MatchLabels);

    private static HashSet<ObjectKey> Pods(Written<TelemetrySpec> telemetry, MeshSnapshot snapshot) =>
        [.. snapshot.Workloads.Values.Where(workload => workload.Key.Namespace == telemetry.Namespace && !workload.IsFinished && workload.Labels.Satisfies(Selector(telemetry))).Select(workload => workload.Key)];

    private static string Names(IEnumerable<Written<TelemetrySpec>> all) => string.Join(" and ", all.Select(telemetry => telemetry.Key.Object.Name));
}
