using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using ServiceEntries = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.ServiceEntrySpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All ServiceEntries, the oldest first, with the addresses given out for them.</summary>
internal sealed class EntryBook
{
    private EntryBook(ImmutableArray<EntryItem> entries, ImmutableSortedDictionary<ObjectKey, ValueArray<EntryAddress>> addresses)
    {
        Entries = entries;
        Addresses = addresses;
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<EntryItem> Entries { get; }

    /// <summary>The addresses each has been given; one without is not here.</summary>
    public ImmutableSortedDictionary<ObjectKey, ValueArray<EntryAddress>> Addresses { get; }

    /// <summary>Items of unchanged rules are taken over from the book before.</summary>
    public static EntryBook Of(MeshSnapshot snapshot, EntryBook? before)
    {
        var entries = Items(snapshot.ServiceEntries, before);
        return new EntryBook(entries, AddressAllocation.Of(entries, snapshot.EntryAddresses, snapshot.Services.Values));
    }

    public ValueArray<EntryAddress> AddressesOf(EntryItem item) => Addresses.GetValueOrDefault(item.Rule.Key.Object);

    /// <summary>The services of all entries, the oldest first.</summary>
    public IEnumerable<Service> Services => Entries.SelectMany(item => item.Services(AddressesOf(item)));

    private static ImmutableArray<EntryItem> Items(ServiceEntries rules, EntryBook? before)
    {
        var known = before?.Entries.ToDictionary(item => item.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var item) && ReferenceEquals(item.Rule, rule) ? item : new EntryItem(rule))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<ServiceEntrySpec>.CompareByAge(a.Rule, b.Rule));
        return [.. entries];
    }
}
