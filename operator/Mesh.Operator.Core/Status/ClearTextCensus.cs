using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// Who called in clear text within the last hour, from the sidecars' reports, with the names of pods in place of addresses:
/// what one wants to know before one turns STRICT on.
/// </summary>
internal sealed class ClearTextCensus(MeshPlan plan, IReadOnlyDictionary<ObjectKey, ProxyObservation> proxies, DateTimeOffset now)
{
    /// <summary>Where the callers are listed.</summary>
    public const string InStatus = "status.clearTextClients tells what each called.";

    private readonly Lazy<Dictionary<string, ObjectKey>> podsByAddress = new(() => PodsByAddress(plan.Parts.Snapshot));

    private static readonly TimeSpan Memory = ClearTextLine.Memory;

    /// <summary>When the next of those told of falls out of memory; null if none will.</summary>
    public DateTimeOffset? NextForgotten { get; private set; }

    /// <param name="verdict">Of the PeerAuthentication.</param>
    /// <param name="held">What a new leader found written and keeps while proxies are silent.</param>
    public ClearTextCallers Of(RuleVerdict verdict, PeerAuthenticationStatus? held)
    {
        var calls = verdict.Pods.SelectMany(pod => CallsTo(pod, verdict.Rule)).OrderByDescending(call => call.Client.LastSeen).ThenBy(call => call.Text, StringComparer.Ordinal).ToList();
        foreach (var call in calls)
            if (NextForgotten is null || call.Client.LastSeen + Memory < NextForgotten) NextForgotten = call.Client.LastSeen + Memory;
        var silent = verdict.Pods.Count(pod => plan.Pods.TryGetValue(pod, out var own) && !own.IsTerminating && proxies.GetValueOrDefault(pod)?.Report is null);
        if (silent > 0 && held?.Conditions.FirstOrDefault(condition => condition.Type == ConditionTypes.StrictReady) is { } before)
            return new ClearTextCallers([.. held.ClearTextClients], new Statement(before.Status == "True", before.Reason, before.Message) { IsUnknown = before.Status == "Unknown" });
        return new ClearTextCallers(Lines(calls), StrictReady(verdict, calls, silent));
    }

    private static ImmutableArray<string> Lines(List<Call> calls)
    {
        const int Most = PeerAuthenticationStatus.MostClearTextClients;
        return calls.Count <= Most ? [.. calls.Select(call => call.Text)] : [.. calls.Take(Most - 1).Select(call => call.Text), $"and {calls.Count - Most + 1} more"];
    }

    private static Statement StrictReady(RuleVerdict verdict, List<Call> calls, int silent)
    {
        var refused = calls.Where(call => call.WouldBeRefused).Select(call => call.From).Distinct().ToImmutableArray();
        if (refused.Length > 0)
            return new Statement(false, ConditionReasons.ClearTextClients, $"{(refused.Length == 1 ? "1 client" : $"{refused.Length} clients")} would be refused under STRICT: {ProxyCount.Names(refused)}. {InStatus}");
        if (verdict.Pods.IsEmpty) return new Statement(true, ConditionReasons.NoProxies, "It is for no pod of the mesh.");
        return silent > 0
            ? new Statement(false, ConditionReasons.NotHeardOfAll, $"{silent} of {verdict.Pods.Length} proxies have not told yet who calls in clear text.") { IsUnknown = true }
            : new Statement(true, ConditionReasons.NoClearText, "Nobody called in clear text within the last hour.");
    }

    private IEnumerable<Call> CallsTo(ObjectKey pod, RuleKey rule)
    {
        if (proxies.GetValueOrDefault(pod)?.Report is not { ClearTextClients: { IsDefaultOrEmpty: false } clients }) yield break;
        if (!plan.Parts.Snapshot.Workloads.TryGetValue(pod, out var workload)) yield break;
        var ports = plan.Parts.Peers.For(workload).Policy.ByPort;
        var narrower = IsOverruled(rule, workload);
        foreach (var client in clients)
        {
            if (client.LastSeen + Memory <= now) continue;
            var from = podsByAddress.Value.TryGetValue(client.Address, out var caller) ? caller.ToString() : client.Address;
            // What was given a mode of its own keeps it when the rest becomes STRICT.
            var exempt = narrower || ports.Items.Any(port => port.Port == client.Port && port.Mode != MutualTlsMode.Strict);
            yield return new Call(client, from, ClearTextLine.Of(client, from, pod.ToString()), !exempt);
        }
    }

    // A narrower rule than this decides for the pod, so nothing changes there whatever this one says.
    private bool IsOverruled(RuleKey rule, Workload workload)
    {
        var (_, ofNamespace, ofPods) = plan.Parts.Peers.Levels(workload);
        var entry = plan.Parts.Peers.Entries.First(candidate => candidate.Rule.Key == rule);
        return entry.Selector.IsEmpty && (ofPods?.Mode is not null || (entry.IsForMesh && ofNamespace?.Mode is not null));
    }

    private static Dictionary<string, ObjectKey> PodsByAddress(MeshSnapshot snapshot)
    {
        // Pods on the node's network share its address with each other and with the node itself: it names none of them.
        return snapshot.Workloads.Values.Where(workload => !workload.IsFinished)
            .SelectMany(workload => workload.Addresses.Items.Select(address => (Address: address, workload.Key)))
            .GroupBy(pair => pair.Address, pair => pair.Key, StringComparer.Ordinal)
            .Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
    }

    private sealed record Call(ClearTextClient Client, string From, string Text, bool WouldBeRefused);
}
