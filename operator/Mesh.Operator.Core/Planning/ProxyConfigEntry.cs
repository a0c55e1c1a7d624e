using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A ProxyConfig with all that can be said of it alone; made once for each spec.</summary>
internal sealed class ProxyConfigEntry
{
    public ProxyConfigEntry(Rule<ProxyConfigSpec> rule)
    {
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Key);
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        Selector = LabelSet.Of(rule.Spec.Selector?.MatchLabels);
        Start = new ProxyStart
        {
            Concurrency = rule.Spec.Concurrency,
            Variables = rule.Spec.EnvironmentVariables.ToImmutableSortedDictionary(variable => variable.Key, variable => variable.Value ?? "", StringComparer.Ordinal),
        };
    }

    public Rule<ProxyConfigSpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>Labels of the pods it is for; empty for all of its namespace.</summary>
    public LabelSet Selector { get; }

    /// <summary>What it says of sidecars.</summary>
    public ProxyStart Start { get; }
}
