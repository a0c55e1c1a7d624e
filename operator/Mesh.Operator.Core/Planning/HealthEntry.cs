using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Config;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A HealthCheck with all that can be said of it alone; made once for each spec.</summary>
internal sealed class HealthEntry
{
    public HealthEntry(Rule<HealthCheckSpec> rule)
    {
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        Host = string.IsNullOrEmpty(rule.Spec.Host) ? "" : HostNames.Resolve(rule.Spec.Host, rule.Namespace);
        Selector = LabelSet.Of(rule.Spec.Selector?.MatchLabels);
        Check = IsValid ? HealthCheckTranslator.Translate(rule) : null;
    }

    public Rule<HealthCheckSpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>The full name of the host whose members are asked; empty with a selector.</summary>
    public string Host { get; }

    public LabelSet Selector { get; }

    /// <summary>What proxies are told; null if the spec is not valid.</summary>
    public HealthCheck? Check { get; }

    /// <summary>Whether it may be about this service at all.</summary>
    public bool IsAbout(Service service) => Host.Length > 0
        ? Host == service.Host
        : service.Key.Namespace == Rule.Namespace && service.Kind is not (ServiceKind.ExternalName or ServiceKind.Dns or ServiceKind.DnsRoundRobin);

    /// <summary>
    /// Whether it is about all members that carry these labels. With a selector only what the labels of service and subset
    /// imply counts: a pool of which some members are meant and others are not is asked as a whole, or not.
    /// </summary>
    public bool Covers(Service service, IReadOnlyDictionary<string, string> subset) => Host.Length > 0 || (!service.Selector.IsEmpty
        && Selector.Values.All(label => (subset.TryGetValue(label.Key, out var own) ? own : service.Selector[label.Key]) == label.Value));
}
