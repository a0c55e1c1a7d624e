using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Operator.Core.Analysis.Gateways;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// What can be said of each rule, from its own spec and from all other objects. What enters is the parts of a plan and what
/// the analysers found; what leaves is a verdict for each rule with its findings; what proxies hold is not known here.
/// </summary>
internal static class VerdictPlanner
{
    public static ImmutableSortedDictionary<RuleKey, RuleVerdict> Plan(Inventory mesh, ILookup<string, Finding> analysed)
    {
        var parts = mesh.Parts;
        var virtualServices = new VirtualServiceAnalysis(parts, new GatewayBook(mesh));
        var mismatches = new MutualTlsMismatches(parts);
        var destinationRules = new DestinationRuleAnalysis(parts, mismatches);
        var peerAuthentications = new PeerAuthenticationAnalysis(parts, mismatches);
        var verdicts = ImmutableSortedDictionary.CreateBuilder<RuleKey, RuleVerdict>();
        foreach (var entry in parts.Rules.Entries) verdicts.Add(entry.Rule.Key, virtualServices.Judge(entry));
        foreach (var entry in parts.Policies.Entries) verdicts.Add(entry.Rule.Key, destinationRules.Judge(entry));
        foreach (var entry in parts.Peers.Entries) verdicts.Add(entry.Rule.Key, peerAuthentications.Judge(entry));
        var serviceEntries = new ServiceEntryAnalysis(parts);
        var sidecars = new SidecarAnalysis(parts);
        foreach (var entry in parts.Sidecars.Entries) verdicts.Add(entry.Rule.Key, sidecars.Judge(entry));
        var proxyConfigs = new ProxyConfigAnalysis(parts);
        foreach (var entry in parts.ProxyConfigs.Entries) verdicts.Add(entry.Rule.Key, proxyConfigs.Judge(entry));
        var healthChecks = new HealthCheckAnalysis(parts);
        foreach (var entry in parts.HealthChecks.Entries) verdicts.Add(entry.Rule.Key, healthChecks.Judge(entry));
        var workloadEntries = new WorkloadEntryAnalysis(parts);
        foreach (var item in parts.Entries.Entries) verdicts.Add(item.Rule.Key, serviceEntries.Judge(item));
        foreach (var rule in parts.Snapshot.WorkloadEntries.Values) verdicts.Add(rule.Key, workloadEntries.Judge(rule));
        foreach (var rule in parts.Snapshot.OfKindsNotYet.Values) verdicts.Add(rule.Key, KindsNotYet.Judge(rule));
        foreach (var (rule, remark) in HoldRemarks.Of(parts.InForce))
            if (verdicts.TryGetValue(rule, out var waiting)) verdicts[rule] = waiting with { Waits = remark };
        foreach (var verdict in verdicts.Values.Where(verdict => analysed.Contains(verdict.Rule.ToString())).ToList())
            verdicts[verdict.Rule] = verdict with { Findings = VirtualServiceAnalysis.Ordered(verdict.Findings.Concat(analysed[verdict.Rule.ToString()]), verdict.Rule) };
        return verdicts.ToImmutable();
    }
}
