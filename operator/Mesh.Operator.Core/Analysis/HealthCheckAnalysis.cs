using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges HealthChecks.</summary>
internal sealed class HealthCheckAnalysis(PlanParts parts)
{
    public RuleVerdict Judge(HealthEntry entry)
    {
        List<Service> about = entry.IsValid ? [.. Services(entry)] : [];
        var missing = entry.IsValid && about.Count == 0 ? Missing(entry) : null;
        var winner = about.Count > 0 && about.All(service => Winner(entry, service) is not null) ? Winner(entry, about[0]) : null;
        var findings = entry.Problems.Concat(about.Where(service => Winner(entry, service) is not null).Select(service => Lost(service, Winner(entry, service)!)))
            .Concat(about.Where(service => service.Kind is ServiceKind.Headless or ServiceKind.Unresolved or ServiceKind.DynamicDns).Select(Addressed));
        if (missing is not null) findings = findings.Append(missing.Finding);
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = !entry.IsValid ? ConditionReasons.Invalid : winner is not null ? ConditionReasons.OverruledByOlder : null,
            Unresolved = missing?.Reason,
            Findings = VirtualServiceAnalysis.Ordered(findings, entry.Rule.Key),
            Hosts = [.. about.Select(service => service.Host)],
            Details = new HealthCheckStatus(),
        };
    }

    private IEnumerable<Service> Services(HealthEntry entry)
    {
        if (entry.Host.Length > 0) return parts.Directory.Find(entry.Host, entry.Rule.Namespace) is { } service ? [service] : [];
        return parts.Directory.All.Where(service => entry.IsAbout(service) && (entry.Covers(service, ImmutableDictionary<string, string>.Empty)
            || parts.PoliciesInForce.For(Scope.Anyone(entry.Rule.Namespace), service).Subsets.Any(subset => entry.Covers(service, subset.Labels))));
    }

    // Within one namespace the oldest counts.
    private HealthEntry? Winner(HealthEntry entry, Service service)
    {
        var first = parts.HealthChecks.For(entry.Rule.Namespace, service).Entries.FirstOrDefault(other => other.Rule.Namespace == entry.Rule.Namespace && other.Selector.Equals(entry.Selector));
        return first is null || ReferenceEquals(first, entry) ? null : first;
    }

    private static Finding Lost(Service service, HealthEntry winner) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.IneffectivePolicy,
        Path = winner.Host.Length > 0 ? "spec.host" : "spec.selector",
        Value = service.Host,
        Message = $"{winner.Rule.Key} is older and is in force for {service.Host}; this one is not.",
        Remedy = "Delete one of the two.",
    };

    private static Finding Addressed(Service service) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.NoEffect,
        Path = "spec.host",
        Value = service.Host,
        Message = service.Kind == ServiceKind.DynamicDns
            ? $"Which hosts of {service.Host} there are is known only once somebody asks for one, so none is asked whether it is well."
            : $"Clients of {service.Host} choose the member themselves, so none is left out and none is asked.",
        Remedy = service.Kind switch
        {
            ServiceKind.Headless => "Give the Service a cluster address.",
            ServiceKind.DynamicDns => "Write the hosts one by one with resolution DNS; outlierDetection of a DestinationRule works here too.",
            _ => "Write a resolution other than NONE.",
        },
    };

    private Reference Missing(HealthEntry entry) => entry.Host.Length > 0
        ? new Reference(ConditionReasons.HostNotFound, new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.ReferencedResourceNotFound,
            Path = "spec.host",
            Value = entry.Rule.Spec.Host,
            Message = $"There is no service {entry.Host}, so nobody is asked.",
            Remedy = Suggestions.ForHost(entry.Rule.Spec.Host ?? "", entry.Rule.Namespace, parts.Directory.VisibleFrom(entry.Rule.Namespace)),
        })
        : new Reference(ConditionReasons.NoMatchingPods, new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoMatchingWorkloadsFound,
            Path = "spec.selector",
            Value = entry.Selector.ToString(),
            Message = "No Service or subset in the namespace selects by these labels alone or with more, so no pool consists of such pods.",
            Remedy = "Use labels that a Service of the namespace selects by, or name its host.",
        });
}
