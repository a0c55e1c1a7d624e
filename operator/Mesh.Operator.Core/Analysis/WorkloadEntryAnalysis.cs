using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges WorkloadEntries.</summary>
internal sealed class WorkloadEntryAnalysis(PlanParts parts)
{
    public RuleVerdict Judge(Rule<WorkloadEntrySpec> rule)
    {
        var problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        var isValid = !problems.Any(finding => finding.Severity == Severity.Error);
        return new RuleVerdict
        {
            Rule = rule.Key,
            Uid = rule.Uid,
            Generation = rule.Generation,
            NotAccepted = isValid ? null : ConditionReasons.Invalid,
            Findings = VirtualServiceAnalysis.Ordered(isValid && Unused(rule) is { } unused ? [.. problems, unused] : problems, rule.Key),
            Details = new WorkloadEntryStatus(),
        };
    }

    private Finding? Unused(Rule<WorkloadEntrySpec> rule)
    {
        if (parts.Endpoints.ServicesOf(rule.Key).Any()) return null;
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoEffect,
            Path = "spec.labels",
            Value = LabelSet.Of(rule.Spec.Labels).ToString(),
            Message = $"No ServiceEntry and no Service in {rule.Namespace} selects it, so nobody calls it.",
            Remedy = "Write a ServiceEntry with a workloadSelector for its labels.",
        };
    }
}
