using Mesh.Api;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What becomes of rules that delegate, seen from both ends.</summary>
internal sealed class DelegationAnalysis(RuleBook rules)
{
    private readonly ILookup<VirtualServiceEntry, Delegation> from = rules.Delegations.ToLookup(delegation => delegation.Root);

    private readonly ILookup<Snapshot.ObjectKey, Delegation> to = rules.Delegations.ToLookup(delegation => delegation.Target);

    /// <summary>Delegates that a VirtualService names in vain.</summary>
    public IEnumerable<Reference> Missing(VirtualServiceEntry entry) => from[entry].Where(delegation => delegation.Problem is not null)
        .Select(delegation => new Reference(ConditionReasons.DelegateNotFound, new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.ReferencedResourceNotFound,
            Path = $"spec.http[{delegation.Index}].delegate",
            Value = delegation.Target.ToString(),
            Message = $"{delegation.Problem} Requests that the rule takes go on to the rules after it.",
            Remedy = $"Create VirtualService {delegation.Target} without hosts and gateways, visible from here.",
        }));

    /// <summary>Rules that do not act, told to both who delegates and who is delegated to.</summary>
    public IEnumerable<Finding> Conflicts(VirtualServiceEntry entry)
    {
        foreach (var delegation in from[entry])
            foreach (var dropped in delegation.Dropped)
                yield return Conflict($"spec.http[{delegation.Index}].delegate", $"http[{dropped.Index}] of delegate {delegation.Target}", dropped);
        foreach (var delegation in To(entry))
            foreach (var dropped in delegation.Dropped)
                yield return Conflict($"spec.http[{dropped.Index}]", $"For VirtualService {delegation.Root.Rule.Key.Object} this rule", dropped);
        if (entry is { IsDelegate: true, IsValid: true } && !UsedBy(entry).Any())
        {
            yield return new Finding
            {
                Severity = Severity.Warning,
                Code = FindingCodes.NoEffect,
                Path = "spec.hosts",
                Message = "It has no hosts, and no VirtualService that may delegates to it: its rules act nowhere.",
                Remedy = $"Name it in another one: delegate: {{name: {entry.Rule.Name}, namespace: {entry.Rule.Namespace}}}, or give it hosts.",
            };
        }
    }

    /// <summary>The VirtualServices that this one acts for.</summary>
    public IEnumerable<string> UsedBy(VirtualServiceEntry entry) =>
        To(entry).Select(delegation => delegation.Root.Rule.Key.Object.ToString()).Distinct().Order(StringComparer.Ordinal);

    private IEnumerable<Delegation> To(VirtualServiceEntry entry) => to[entry.Rule.Key.Object].Where(delegation => delegation.Problem is null);

    private static Finding Conflict(string path, string subject, DroppedRule dropped) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.DelegateConflict,
        Path = path,
        Message = $"{subject} does not act: {dropped.Why}.",
        Remedy = "Let each match of the delegate lie within a match of the rule that delegates, and compare what both compare by exact or prefix.",
    };
}
