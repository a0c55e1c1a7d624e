using System.Collections.Concurrent;
using Mesh.Config;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Control;

/// <summary>Which pods neither the operator nor their sidecar got through for, and what would help.</summary>
public sealed class ControlReach(SessionBook sessions, ReportBook reports, EventPublisher events, OperatorOptions options, TimeProvider time, ILogger<ControlReach> log)
{
    /// <summary>A pod that does not answer for so long is told of.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Whose host answers is reached; its sidecar may only be slow to start (an image to pull, a busy node).
    private static readonly TimeSpan PatienceWithStarters = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    internal void Calling(ControlTarget target) => _entries.TryAdd(target.PodUid, new Entry(time.GetTimestamp()));

    internal void Spoken(ControlTarget target) => _entries[target.PodUid] = new Entry(time.GetTimestamp());

    internal void Forget(string podUid) => _entries.TryRemove(podUid, out _);

    /// <summary>One more call that did not come through.</summary>
    internal void Failed(ControlTarget target, DialFailure failure, string why)
    {
        var entry = _entries.GetOrAdd(target.PodUid, _ => new Entry(time.GetTimestamp()));
        if (sessions.IsUp(target.PodUid) || time.GetElapsedTime(entry.Since) < PatienceFor(failure)) return;
        var message = Text(target, failure, why);
        // The same again is no news.
        if (Interlocked.Exchange(ref entry.Told, message) == message) return;
        log.LogWarning("Pod {Pod}: {Message}", target.Pod, message);
        var pod = PodReference.Of(target.Pod.Namespace, target.Pod.Name, target.PodUid);
        _ = events.PublishAsync(pod, "ControlPortUnreachable", message, EventType.Warning);
    }

    private static TimeSpan PatienceFor(DialFailure failure) => failure == DialFailure.NoAnswer ? Patience : PatienceWithStarters;

    private string Text(ControlTarget target, DialFailure failure, string why)
    {
        var report = reports.Current.GetValueOrDefault(target.PodUid)?.Report;
        var sidecar = report?.Session is { Failure.Length: > 0 } session
            ? $"the sidecar's own call to {options.Address} fails: {session.Failure}"
            : $"no call of the sidecar to {options.Address} has come in";
        var text = $"No control session for {PatienceFor(failure).TotalSeconds:0} s: the operator's call fails ({why}); {sidecar}. ";
        return failure is DialFailure.NoAnswer or DialFailure.Refused
            ? text + (failure == DialFailure.Refused ? "Either nothing listens (see the log of container mesh-proxy) or a policy rejects it; one" : "One")
                + $" that allows it (letting the pod out to namespace {options.Namespace}, port {WellKnown.ControlPort}, helps as well):\n{IngressPolicy(target)}"
            : text + "The port is reached, so no NetworkPolicy is in the way; see the log of container mesh-proxy.";
    }

    // Short, since an Event's note has 1 KiB.
    private string IngressPolicy(ControlTarget target) => $$"""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: allow-mesh-operator, namespace: {{target.Pod.Namespace}} }
        spec:
          podSelector: {}
          policyTypes: [Ingress]
          ingress:
          - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{options.Namespace}} } } }]
            ports: [{port: {{WellKnown.ControlPort}} }]
        """;

    private sealed class Entry(long since)
    {
        public long Since { get; } = since;

        public string Told = "";
    }
}
