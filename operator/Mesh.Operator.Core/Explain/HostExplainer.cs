using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Explain;

/// <summary>
/// What a person asks when a request went another way than meant. What enters is a plan and a caller; what leaves is which
/// rules its proxy was told and which not, with the reason. Where a request goes is not decided here: that is the proxy's
/// own code, fed with the config of the same plan.
/// </summary>
public static class HostExplainer
{
    /// <param name="plan">The plan.</param>
    /// <param name="pod">The caller; it must be in the plan.</param>
    /// <param name="host">Full name of the host.</param>
    /// <param name="port">Port addressed.</param>
    public static HostView Explain(MeshPlan plan, ObjectKey pod, string host, int port)
    {
        var scope = plan.Pods[pod].Inputs.Scope.Scope;
        var others = ImmutableArray.CreateBuilder<string>();
        VirtualServiceEntry? speaker = null;
        foreach (var entry in plan.Parts.RulesInForce.SpeakingFor(host, scope))
        {
            if (speaker is not null) others.Add($"{Name(entry)} has no say: {Name(speaker)} {WhyBefore(speaker, entry, host)}");
            else if (plan.Parts.RulesInForce.HttpOf(entry).Any(rule => rule.Route.Match.Count == 0 || rule.Route.Match.Any(match => MatchTranslator.Concerns(match, port, scope)))) speaker = entry;
            else others.Add($"{Name(entry)} has no say: no rule of it is for this caller and port {port.ToString(CultureInfo.InvariantCulture)}");
        }

        if (speaker is not null) others.AddRange(plan.Parts.RulesInForce.Delegations.Where(delegation => ReferenceEquals(delegation.Root, speaker)).SelectMany(Undelegated));
        others.AddRange(WithoutSay(plan, pod, host));
        return new HostView(speaker is null ? [] : [.. plan.Parts.RulesInForce.HttpOf(speaker).Select(rule => View(rule, port, scope))], others.ToImmutable());
    }

    /// <summary>A line for each VirtualService that names the host and never has a say for this caller.</summary>
    public static IEnumerable<string> WithoutSay(MeshPlan plan, ObjectKey pod, string host) =>
        plan.Parts.RulesInForce.Entries.Where(entry => entry.Hosts.Contains(host)).Select(entry => WhyNever(entry, plan.Pods[pod].Inputs.Scope.Scope)).OfType<string>();

    private static IEnumerable<string> Undelegated(Delegation delegation)
    {
        var name = $"{delegation.Root.Rule.Key.Object} http[{delegation.Index.ToString(CultureInfo.InvariantCulture)}]";
        if (delegation.Problem is { } problem) yield return $"{name}: nothing is delegated: {problem}";
        foreach (var dropped in delegation.Dropped)
            yield return $"{name}: http[{dropped.Index.ToString(CultureInfo.InvariantCulture)}] of delegate {delegation.Target} does not act: {dropped.Why}";
    }

    private static RuleView View(HttpRule rule, int port, Scope scope) => new(rule.Origin, rule.Route.Name ?? "",
    [
        .. rule.Route.Match.Select((match, i) => (i, Why: WhyUntold(match, port, scope))).Where(pair => pair.Why is not null)
            .Select(pair => rule.Route.Match.Count == 1 ? pair.Why! : $"match[{pair.i.ToString(CultureInfo.InvariantCulture)}]: {pair.Why}"),
    ]);

    private static string? WhyUntold(HttpMatchRequest match, int port, Scope scope) => MatchTranslator.Unmet(match, port, scope) switch
    {
        null => null,
        "port" => string.Create(CultureInfo.InvariantCulture, $"port {match.Port} asked, {port} given"),
        "gateways" => $"gateways {string.Join(", ", match.Gateways)} asked, mesh given",
        "sourceNamespace" => $"sourceNamespace {match.SourceNamespace} asked, {scope.Namespace} given",
        "sourceLabels" => $"sourceLabels {LabelSet.Of(match.SourceLabels)} asked, the caller does not carry them all",
        var field => $"{field} asks for a claim of a token, which only gateways know",
    };

    private static string? WhyNever(VirtualServiceEntry entry, Scope scope) => entry switch
    {
        { IsValid: false } => $"{Name(entry)} has no say: it is not valid: {entry.Problems.First(problem => problem.Severity == Severity.Error).Message}",
        { IsOnMesh: false } => $"{Name(entry)} has no say: it is for gateways {string.Join(", ", entry.Rule.Spec.Gateways)}, mesh is not among them",
        _ when !entry.Reaches(scope.Namespace) => $"{Name(entry)} has no say: it is not exported to namespace {scope.Namespace}",
        _ when !scope.Sees(entry) => $"{Name(entry)} has no say: {scope.Sidecar!.Rule.Key} does not name it in its egress",
        _ => null,
    };

    private static string WhyBefore(VirtualServiceEntry winner, VirtualServiceEntry loser, string host)
    {
        var (best, other) = (Best(winner, host), Best(loser, host));
        if (best != other) return $"names {best}, which is more specific than {other}";
        return winner.Rule.Created < loser.Rule.Created ? "is older" : "is as old and comes first by name";
    }

    private static string Best(VirtualServiceEntry entry, string host) =>
        entry.Hosts.Where(pattern => HostPattern.IsWithin(host, pattern)).Order(Comparer<string>.Create((a, b) => a == b ? 0 : HostNames.CompareBySpecificity(a, b))).First();

    private static string Name(VirtualServiceEntry entry) => $"VirtualService {entry.Rule.Key.Object}";
}
