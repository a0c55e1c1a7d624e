using System.Collections.Immutable;
using Mesh.Api.Health;
using Mesh.Operator.Core.Snapshot;
using HealthChecks = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Health.HealthCheckSpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All HealthChecks, the oldest first, and which of them are about a service.</summary>
internal sealed class HealthBook
{
    private readonly ImmutableArray<HealthEntry> valid;

    private readonly string rootNamespace;

    private readonly Dictionary<string, HealthPolicy> merged = new(StringComparer.Ordinal);

    private HealthBook(ImmutableArray<HealthEntry> entries, string rootNamespace)
    {
        Entries = entries;
        this.rootNamespace = rootNamespace;
        valid = [.. entries.Where(entry => entry.IsValid)];
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<HealthEntry> Entries { get; }

    /// <summary>Entries of unchanged objects are taken over from the book before.</summary>
    public static HealthBook Of(HealthChecks rules, string rootNamespace, HealthBook? before)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new HealthEntry(rule))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<HealthCheckSpec>.CompareByAge(a.Rule, b.Rule));
        return new HealthBook([.. entries], rootNamespace);
    }

    /// <summary>
    /// Of the client's namespace first, then the service's, then the root namespace; within each the oldest first. One of any
    /// other namespace is for the clients of that alone.
    /// </summary>
    public HealthPolicy For(string clientNamespace, Service service)
    {
        if (valid.IsEmpty) return HealthPolicy.None;
        var found = new[] { clientNamespace, service.Key.Namespace, rootNamespace }.Distinct(StringComparer.Ordinal)
            .SelectMany(place => valid.Where(entry => entry.Rule.Namespace == place && entry.IsAbout(service))).ToImmutableArray();
        if (found.IsEmpty) return HealthPolicy.None;
        // The same entries give the same instance, so that all who are told the same share what is made of it.
        var names = string.Join(' ', found.Select(entry => entry.Rule.Key));
        if (!merged.TryGetValue(names, out var policy)) merged.Add(names, policy = new HealthPolicy { Entries = found });
        return policy;
    }
}
