using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A Sidecar with all that can be said of it alone; made once for each spec.</summary>
internal sealed class SidecarEntry
{
    public SidecarEntry(Rule<SidecarSpec> rule)
    {
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        Selector = LabelSet.Of(rule.Spec.WorkloadSelector?.Labels);
        Egress = [.. rule.Spec.Egress.Select(listener => new EgressScope(listener))];
        // As in Istio: a policy without a mode is the stricter one.
        UnknownDestinations = rule.Spec.OutboundTrafficPolicy switch
        {
            null => null,
            { Mode: "ALLOW_ANY" } => Config.UnknownDestinations.AllowAny,
            _ => Config.UnknownDestinations.RegistryOnly,
        };
    }

    public Rule<SidecarSpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>Labels of the pods it is for; empty for all of its namespace.</summary>
    public LabelSet Selector { get; }

    /// <summary>What its pods see; empty for everything.</summary>
    public ImmutableArray<EgressScope> Egress { get; }

    /// <summary>Null is as the mesh says.</summary>
    public UnknownDestinations? UnknownDestinations { get; }

    /// <summary>Where unknown destinations are sent instead of where they meant to go; null: nowhere else.</summary>
    public Destination? EgressProxy => UnknownDestinations == Config.UnknownDestinations.AllowAny ? Rule.Spec.OutboundTrafficPolicy?.EgressProxy : null;

    public bool Sees(VirtualServiceEntry rule, string clientNamespace) => Egress.IsEmpty || Egress.Any(scope => scope.Takes(rule, clientNamespace));
}
