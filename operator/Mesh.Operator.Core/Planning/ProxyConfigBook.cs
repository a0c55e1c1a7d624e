using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;
using ProxyConfigs = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.ProxyConfigSpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All ProxyConfigs, the oldest first, and what they say of a pod about to be made.</summary>
internal sealed class ProxyConfigBook
{
    private readonly string rootNamespace;

    private readonly ILookup<string, ProxyConfigEntry> byNamespace;

    private ProxyConfigBook(ImmutableArray<ProxyConfigEntry> entries, string rootNamespace)
    {
        this.rootNamespace = rootNamespace;
        Entries = entries;
        byNamespace = entries.Where(entry => entry.IsValid).ToLookup(entry => entry.Rule.Namespace, StringComparer.Ordinal);
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<ProxyConfigEntry> Entries { get; }

    /// <summary>Entries of unchanged objects are taken over from the book before.</summary>
    public static ProxyConfigBook Of(ProxyConfigs rules, string rootNamespace, ProxyConfigBook? before)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new ProxyConfigEntry(rule))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<ProxyConfigSpec>.CompareByAge(a.Rule, b.Rule));
        return new ProxyConfigBook([.. entries], rootNamespace);
    }

    /// <summary>That for all pods of a namespace; of several the oldest.</summary>
    public ProxyConfigEntry? ForAll(string @namespace) => byNamespace[@namespace].FirstOrDefault(entry => entry.Selector.IsEmpty);

    /// <summary>That which selects a pod with these labels; of several the oldest.</summary>
    public ProxyConfigEntry? Selecting(string @namespace, LabelSet labels) => byNamespace[@namespace].FirstOrDefault(entry => !entry.Selector.IsEmpty && labels.Satisfies(entry.Selector));

    /// <summary>What holds below a pod's own annotation: the namespace's over the mesh's.</summary>
    public ProxyStart Below(string @namespace)
    {
        var ofMesh = ForAll(rootNamespace)?.Start ?? ProxyStart.None;
        return @namespace != rootNamespace && ForAll(@namespace) is { } own ? own.Start.Over(ofMesh) : ofMesh;
    }
}
