using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;
using PeerAuthentications = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Security.PeerAuthenticationSpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All PeerAuthentications, and what they say together of a pod.</summary>
internal sealed class PeerBook
{
    private readonly PeerEntry? mesh;

    private readonly Dictionary<string, Level> levels;

    private readonly Dictionary<(PeerEntry? OfNamespace, PeerEntry? OfPods), PeerDecision> decisions = [];

    // Equal policies are one instance, from one book to the next as well: what is made of them is shared by that.
    private readonly Dictionary<PeerPolicy, PeerPolicy> policies;

    private PeerBook(ImmutableArray<PeerEntry> entries, Dictionary<PeerPolicy, PeerPolicy> policies)
    {
        Entries = entries;
        this.policies = policies;
        var acting = entries.Where(entry => !entry.IsIgnored).ToList();
        mesh = acting.FirstOrDefault(entry => entry.IsForMesh);
        levels = acting.Where(entry => !entry.IsForMesh).GroupBy(entry => entry.Rule.Namespace, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => new Level(group.FirstOrDefault(entry => entry.Selector.IsEmpty), [.. group.Where(entry => !entry.Selector.IsEmpty)]),
            StringComparer.Ordinal);
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<PeerEntry> Entries { get; }

    /// <summary>Entries of unchanged rules are taken over from the book before.</summary>
    public static PeerBook Of(PeerAuthentications rules, PeerBook? before, MeshDefaults defaults)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new PeerEntry(rule, defaults.RootNamespace))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<Api.Security.PeerAuthenticationSpec>.CompareByAge(a.Rule, b.Rule));
        return new PeerBook([.. entries], before?.policies ?? []);
    }

    /// <summary>The rule in force for a pod at each level, the widest first; of several at one level the oldest.</summary>
    public (PeerEntry? Mesh, PeerEntry? OfNamespace, PeerEntry? OfPods) Levels(Workload workload)
    {
        var level = levels.GetValueOrDefault(workload.Key.Namespace);
        return (mesh, level?.Whole, level?.Selecting.FirstOrDefault(entry => workload.Labels.Satisfies(entry.Selector)));
    }

    public PeerDecision For(Workload workload)
    {
        var (_, ofNamespace, ofPods) = Levels(workload);
        if (!decisions.TryGetValue((ofNamespace, ofPods), out var decision))
            decisions.Add((ofNamespace, ofPods), decision = Decide(ofNamespace, ofPods));
        return decision;
    }

    private PeerDecision Decide(PeerEntry? ofNamespace, PeerEntry? ofPods)
    {
        // UNSET takes over what the wider one says.
        var deciding = new[] { ofPods, ofNamespace, mesh }.FirstOrDefault(entry => entry?.Mode is not null);
        var mode = deciding?.Mode ?? MutualTlsMode.Permissive;
        var ports = (ofPods?.Ports ?? ImmutableSortedDictionary<int, MutualTlsMode?>.Empty)
            .Select(port => new PortMutualTls(port.Key, port.Value ?? mode)).Where(port => port.Mode != mode);
        var policy = new PeerPolicy(mode, [.. ports]);
        if (!policies.TryAdd(policy, policy)) policy = policies[policy];
        var rules = new[] { deciding, ofPods is { Ports.IsEmpty: false } ? ofPods : null }.OfType<PeerEntry>().Distinct();
        return new PeerDecision(policy, [.. rules.Select(entry => entry.Rule.Key)]);
    }

    private sealed record Level(PeerEntry? Whole, ImmutableArray<PeerEntry> Selecting);
}
