using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A PeerAuthentication with all that can be said of it alone; made once for each spec.</summary>
internal sealed class PeerEntry
{
    public PeerEntry(Rule<PeerAuthenticationSpec> rule, string rootNamespace)
    {
        IsInRoot = rule.Namespace == rootNamespace;
        Rule = rule;
        Problems = SpecFindings.Of(rule.Spec, rule.Namespace);
        IsValid = !Problems.Any(finding => finding.Severity == Severity.Error);
        Selector = LabelSet.Of(rule.Spec.Selector?.MatchLabels);
        // Stored past admission, what cannot be expressed refuses rather than lets in.
        Mode = IsValid ? Parse(rule.Spec.Mtls?.Mode) : MutualTlsMode.Strict;
        Ports = IsValid && rule.Spec.PortLevelMtls is { } ports
            ? ports.ToImmutableSortedDictionary(port => int.Parse(port.Key, NumberStyles.None, CultureInfo.InvariantCulture), port => Parse(port.Value?.Mode))
            : ImmutableSortedDictionary<int, MutualTlsMode?>.Empty;
    }

    public Rule<PeerAuthenticationSpec> Rule { get; }

    public ImmutableArray<Finding> Problems { get; }

    public bool IsValid { get; }

    /// <summary>Labels of the pods it is for; empty for all.</summary>
    public LabelSet Selector { get; }

    /// <summary>What it asks for; null takes over what the wider one says. STRICT when it is not valid.</summary>
    public MutualTlsMode? Mode { get; }

    /// <summary>What it asks for at single ports; null is as at the others.</summary>
    public ImmutableSortedDictionary<int, MutualTlsMode?> Ports { get; }

    private bool IsInRoot { get; }

    public bool IsForMesh => Selector.IsEmpty && IsInRoot;

    /// <summary>As in Istio, one of the root namespace speaks for the whole mesh or not at all.</summary>
    public bool IsIgnored => !Selector.IsEmpty && IsInRoot;

    /// <summary>The pod is among those it is for.</summary>
    public bool Selects(Workload workload) =>
        !IsIgnored && (IsForMesh || (workload.Key.Namespace == Rule.Namespace && workload.Labels.Satisfies(Selector)));

    /// <summary>Of two with the same scope only the older one can ever act.</summary>
    public bool HasScopeOf(PeerEntry other) => Rule.Namespace == other.Rule.Namespace && Selector.Equals(other.Selector);

    private static MutualTlsMode? Parse(string? mode) => mode switch
    {
        "DISABLE" => MutualTlsMode.Disable,
        "PERMISSIVE" => MutualTlsMode.Permissive,
        "STRICT" => MutualTlsMode.Strict,
        _ => null,
    };
}
