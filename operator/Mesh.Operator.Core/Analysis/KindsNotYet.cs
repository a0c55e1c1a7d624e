using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges objects of kinds this version does not act on: what is wrong with them by themselves, and what happens meanwhile.</summary>
internal static class KindsNotYet
{
    public static RuleVerdict Judge(Rule<ISpecFromUser> rule)
    {
        var kind = ApiKinds.Named(rule.Key.Kind) ?? throw new InvalidOperationException($"{rule.Key.Kind} is no kind of the API");
        var findings = kind.Validate(rule.Spec, new ObjectHead { Namespace = rule.Namespace, Name = rule.Name }).Append(NotYet(kind));
        return new RuleVerdict
        {
            Rule = rule.Key,
            Uid = rule.Uid,
            Generation = rule.Generation,
            NotAccepted = findings.Any(finding => finding.Severity == Severity.Error) ? ConditionReasons.Invalid : ConditionReasons.NotSupportedYet,
            Findings = VirtualServiceAnalysis.Ordered(findings, rule.Key),
            IsForSidecars = false,
            Details = kind.NewStatus(),
        };
    }

    private static Finding NotYet(ApiKind kind) => kind.NotYetFinding() ?? throw new InvalidOperationException($"{kind.Kind} is built and has a judge of its own");
}
