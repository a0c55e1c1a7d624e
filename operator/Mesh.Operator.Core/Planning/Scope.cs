using System.Collections.Immutable;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Clients that rules cannot tell apart: those of one namespace that match the same set of source selectors and have the same
/// Sidecar. What is told to one of them is told to all.
/// </summary>
internal sealed class Scope
{
    private readonly ImmutableHashSet<LabelSet> matched;

    private Scope(string clientNamespace, ImmutableHashSet<LabelSet> matched, SidecarEntry? sidecar)
    {
        Namespace = clientNamespace;
        Sidecar = sidecar;
        this.matched = matched;
        var place = sidecar is null ? clientNamespace : $"{clientNamespace} by {sidecar.Rule.Key.Object}";
        Key = matched.IsEmpty ? place : $"{place}?{string.Join(';', matched.Select(selector => selector.ToString()).Order(StringComparer.Ordinal))}";
    }

    public string Namespace { get; }

    /// <summary>Equal keys, equal scopes.</summary>
    public string Key { get; }

    /// <summary>What narrows what they see; null where nothing does.</summary>
    public SidecarEntry? Sidecar { get; }

    /// <summary>Clients of a namespace that no selector picks out.</summary>
    public static Scope Anyone(string clientNamespace) => new(clientNamespace, [], null);

    public static Scope Of(Workload workload, IEnumerable<LabelSet> selectors, SidecarEntry? sidecar) =>
        new(workload.Key.Namespace, [.. selectors.Where(selector => workload.Labels.Satisfies(selector))], sidecar);

    /// <summary>Whether a rule is for these clients.</summary>
    public bool Sees(VirtualServiceEntry rule) => rule.Reaches(Namespace) && (Sidecar is null || Sidecar.Sees(rule, Namespace));

    /// <summary>Whether clients of this scope carry these labels; the selector must be one that scopes were made for.</summary>
    public bool Satisfies(LabelSet selector) => selector.IsEmpty || matched.Contains(selector);
}
