using System.Collections.Immutable;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Clients that rules cannot tell apart: those of one namespace that match the same set of source selectors. What is told
/// to one of them is told to all.
/// </summary>
internal sealed class Scope
{
    private readonly ImmutableHashSet<LabelSet> matched;

    private Scope(string clientNamespace, ImmutableHashSet<LabelSet> matched)
    {
        Namespace = clientNamespace;
        this.matched = matched;
        Key = matched.IsEmpty ? clientNamespace : $"{clientNamespace}?{string.Join(';', matched.Select(selector => selector.ToString()).Order(StringComparer.Ordinal))}";
    }

    public string Namespace { get; }

    /// <summary>Equal keys, equal scopes.</summary>
    public string Key { get; }

    /// <summary>Clients of a namespace that no selector picks out.</summary>
    public static Scope Anyone(string clientNamespace) => new(clientNamespace, []);

    public static Scope Of(Workload workload, IEnumerable<LabelSet> selectors) =>
        new(workload.Key.Namespace, [.. selectors.Where(selector => workload.Labels.Satisfies(selector))]);

    /// <summary>Whether clients of this scope carry these labels; the selector must be one that scopes were made for.</summary>
    public bool Satisfies(LabelSet selector) => selector.IsEmpty || matched.Contains(selector);
}
