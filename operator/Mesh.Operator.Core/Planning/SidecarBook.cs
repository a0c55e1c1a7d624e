using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Sidecars = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.SidecarSpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All Sidecars, the oldest first, and which one is for a pod.</summary>
internal sealed class SidecarBook
{
    private readonly ILookup<string, SidecarEntry> byNamespace;

    private readonly SidecarEntry? mesh;

    private SidecarBook(ImmutableArray<SidecarEntry> entries, string rootNamespace)
    {
        Entries = entries;
        RootNamespace = rootNamespace;
        byNamespace = entries.Where(entry => entry.IsValid).ToLookup(entry => entry.Rule.Namespace, StringComparer.Ordinal);
        mesh = byNamespace[rootNamespace].FirstOrDefault(entry => entry.Selector.IsEmpty);
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<SidecarEntry> Entries { get; }

    public string RootNamespace { get; }

    /// <summary>Entries of unchanged objects are taken over from the book before.</summary>
    public static SidecarBook Of(Sidecars rules, string rootNamespace, SidecarBook? before)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new SidecarEntry(rule))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<SidecarSpec>.CompareByAge(a.Rule, b.Rule));
        return new SidecarBook([.. entries], rootNamespace);
    }

    /// <summary>One that selects the pod, else its namespace's, else the mesh's; of several at one level the oldest.</summary>
    public SidecarEntry? For(Workload workload)
    {
        SidecarEntry? whole = null;
        foreach (var entry in byNamespace[workload.Key.Namespace])
        {
            if (entry.Selector.IsEmpty) whole ??= entry;
            else if (workload.Labels.Satisfies(entry.Selector)) return entry;
        }

        return whole ?? mesh;
    }
}
