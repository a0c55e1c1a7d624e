using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Continuity;

/// <summary>Whether what a VirtualService names exists, seen from its own namespace.</summary>
internal sealed class ReferenceCheck(ServiceDirectory directory, PolicyBook policies)
{
    public bool Finds(RuleReference reference, string ruleNamespace)
    {
        if (directory.Find(reference.Host) is not { } service || !Visibility.Reaches(service.ExportTo, service.Key.Namespace, ruleNamespace)) return false;
        if (reference.Port is { } port && service.Ports.All(candidate => candidate.Port != port)) return false;
        return reference.Subset.Length == 0 || policies.For(Scope.Anyone(ruleNamespace), service).Find(reference.Subset) is not null;
    }

    /// <summary>The DestinationRules that define its subset.</summary>
    public IEnumerable<RuleKey> Definers(RuleReference reference, string ruleNamespace) =>
        directory.Find(reference.Host) is { } service
            ? policies.For(Scope.Anyone(ruleNamespace), service).Rules.Where(rule => policies.Defines(rule, reference.Subset)).Take(1)
            : [];
}
