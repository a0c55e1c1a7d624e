using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges PeerAuthentications.</summary>
internal sealed class PeerAuthenticationAnalysis(PlanParts parts, MutualTlsMismatches mismatches)
{
    public RuleVerdict Judge(PeerEntry entry)
    {
        var selected = entry.IsValid ? parts.Snapshot.Workloads.Values.Where(workload => !workload.IsFinished && entry.Selects(workload)).ToList() : [];
        var inMesh = selected.Where(workload => workload.IsInMesh).ToList();
        var (reason, conflict) = entry is { IsValid: true, IsIgnored: false } ? Conflict(entry, inMesh) : (null, null);
        var missing = entry.IsValid ? Missing(entry, selected.Count, inMesh.Count) : null;
        var findings = entry.Problems.Concat(new[] { missing?.Finding, conflict, Closed(entry) }.OfType<Finding>());
        if (reason is null) findings = findings.Concat(Refused(entry)).Concat(PastTheSidecar(entry, inMesh));
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = !entry.IsValid ? ConditionReasons.Invalid : entry.IsIgnored ? ConditionReasons.Ignored : reason,
            Unresolved = missing?.Reason,
            Findings = VirtualServiceAnalysis.Ordered(findings, entry.Rule.Key),
            Pods = [.. inMesh.Select(workload => workload.Key)],
            Details = new PeerAuthenticationStatus { Scope = Scope(entry, inMesh.Count) },
        };
    }

    private static string? Scope(PeerEntry entry, int pods) =>
        !entry.IsValid || entry.IsIgnored ? null
        : entry.IsForMesh ? "mesh"
        : entry.Selector.IsEmpty ? "namespace"
        : pods == 1 ? "1 pod" : $"{pods} pods";

    private static Reference? Missing(PeerEntry entry, int selected, int inMesh)
    {
        if (entry.Selector.IsEmpty || entry.IsIgnored || inMesh > 0) return null;
        return new Reference(ConditionReasons.NoMatchingPods, new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoMatchingWorkloadsFound,
            Path = "spec.selector",
            Value = entry.Selector.ToString(),
            Message = selected == 0 ? "No pod of the namespace has these labels, so it acts on none." : $"None of the {selected} pods with these labels has a sidecar, so it acts on none.",
            Remedy = selected == 0 ? "Correct the labels, or those of the pod template of the Deployment." : $"Label the namespace {MeshLabels.Injection}={MeshLabels.InjectionEnabled} and restart the pods.",
        });
    }

    private static Finding? Closed(PeerEntry entry) => entry.IsValid || entry.IsIgnored ? null : new Finding
    {
        Severity = Severity.Warning,
        Code = FindingCodes.FailsClosed,
        Path = "spec",
        Message = $"It cannot be applied as written, so {(entry.IsForMesh ? "the pods of the whole mesh" : entry.Selector.IsEmpty ? "the pods of its namespace" : "the pods it selects")} take nothing but mutual TLS.",
        Remedy = "Correct or delete it.",
    };

    /// <summary>Whether an older one has its place; null and a finding when it does for some of its pods only.</summary>
    private (string? Reason, Finding? Finding) Conflict(PeerEntry entry, List<Workload> inMesh)
    {
        var same = parts.Peers.Entries.TakeWhile(other => !ReferenceEquals(other, entry)).FirstOrDefault(other => other.HasScopeOf(entry));
        if (same is not null) return (ConditionReasons.OverruledByOlder, Overruled(entry, same, "is for the same pods, so this one has no effect"));
        if (entry.Selector.IsEmpty) return (null, null);
        var lost = inMesh.Select(workload => (workload, Winner: parts.Peers.Levels(workload).OfPods!)).Where(pair => !ReferenceEquals(pair.Winner, entry)).ToList();
        if (lost.Count == 0) return (null, null);
        var (pod, winner) = lost[0];
        return lost.Count == inMesh.Count
            ? (ConditionReasons.OverruledByOlder, Overruled(entry, winner, "is for all of these pods too, so this one has no effect"))
            : (null, Overruled(entry, winner, $"is for {pod.Key}{(lost.Count > 1 ? $" and {lost.Count - 1} more of these pods" : "")} too, so this one has no effect there"));
    }

    private static Finding Overruled(PeerEntry entry, PeerEntry winner, string what) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.IneffectivePolicy,
        Path = entry.Selector.IsEmpty ? "metadata.name" : "spec.selector",
        Value = entry.Selector.IsEmpty ? entry.Rule.Name : entry.Selector.ToString(),
        Message = $"PeerAuthentication {winner.Rule.Key.Object} {(winner.Rule.Created < entry.Rule.Created ? "is older" : "is as old, comes first by name")} and {what}.",
        Remedy = $"Put all into {winner.Rule.Key.Object}, or delete one of the two.",
    };

    private IEnumerable<Finding> Refused(PeerEntry entry) => mismatches.OfServers(entry.Rule.Key).Select(mismatch => new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.MutualTlsMismatch,
        Path = entry.Ports.ContainsKey(mismatch.Port) ? $"spec.portLevelMtls[{mismatch.Port}].mode" : "spec.mtls.mode",
        Value = mismatch.Mode == "ISTIO_MUTUAL" ? "DISABLE" : "STRICT",
        Message = $"DestinationRule {mismatch.DestinationRule.Object} ({mismatch.Path}.mode {mismatch.Mode}) has its clients call port {mismatch.Port} of {mismatch.Pod} in a way this refuses.",
        Remedy = $"Remove tls from DestinationRule {mismatch.DestinationRule.Object}: sidecars then speak what the pod takes.",
    });

    // STRICT promises that nothing else gets in; what was left out of capture is not the sidecar's to refuse.
    private IEnumerable<Finding> PastTheSidecar(PeerEntry entry, List<Workload> inMesh)
    {
        var open = inMesh.Where(workload => parts.Peers.For(workload) is { Policy.Mode: MutualTlsMode.Strict } decision && decision.Rules.Items.Contains(entry.Rule.Key))
            .Select(workload => (workload.Key, Ports: Uncaptured(workload.Capture))).FirstOrDefault(pair => pair.Ports is not null);
        if (open.Ports is null) yield break;
        yield return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.IneffectivePolicy,
            Path = "spec.mtls.mode",
            Value = "STRICT",
            Message = $"{open.Ports} of {open.Key} are not captured: connections there reach the application past its sidecar, whatever they speak.",
            Remedy = $"Remove {MeshLabels.ExcludeInboundPorts} and {MeshLabels.IncludeInboundPorts} from the pod template, or guard those ports with a NetworkPolicy.",
        };
    }

    private static string? Uncaptured(InboundCapture capture)
    {
        if (capture.Included is { } included) return $"All ports but {string.Join(", ", included.Items)}";
        var excluded = capture.Excluded.Items.Except(CaptureSettings.OwnPorts).Order().ToImmutableArray();
        return excluded.IsEmpty ? null : $"Ports {string.Join(", ", excluded)}";
    }
}
