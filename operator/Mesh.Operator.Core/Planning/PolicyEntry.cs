using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A DestinationRule with all that can be said of it alone; made once for each spec.</summary>
internal sealed class PolicyEntry
{
    public PolicyEntry(Rule<DestinationRuleSpec> rule, ValueArray<string> exportTo)
    {
        ExportTo = rule.Spec.ExportTo.Count > 0 ? rule.Spec.ExportTo : exportTo;
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        IsValid = !string.IsNullOrEmpty(rule.Spec.Host) && !Problems.Any(finding => finding.Severity == Severity.Error);
        Host = HostNames.Resolve(rule.Spec.Host ?? "", rule.Namespace);
        Selector = LabelSet.Of(rule.Spec.WorkloadSelector?.MatchLabels);
    }

    public Rule<DestinationRuleSpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>Its host with its full name.</summary>
    public string Host { get; }

    /// <summary>Who sees it, as it says or as the mesh does.</summary>
    public IReadOnlyList<string> ExportTo { get; }

    /// <summary>Labels of the clients it is for; empty for all.</summary>
    public LabelSet Selector { get; }

    /// <summary>A rule for chosen clients is for those of its own namespace only.</summary>
    public bool Reaches(Scope scope) => Selector.IsEmpty
        ? Visibility.Reaches(ExportTo, Rule.Namespace, scope.Namespace)
        : Rule.Namespace == scope.Namespace && scope.Satisfies(Selector);
}
