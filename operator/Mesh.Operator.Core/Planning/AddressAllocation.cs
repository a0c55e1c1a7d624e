using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Gives each host of a ServiceEntry that has no address one of its own, out of a network that no machine uses
/// (240.240.0.0/16), so that its connections can be told from others. What was given out before stays, as the status tells;
/// of two that claim one address the older keeps it. A new one follows from the names alone, so that it is the same again
/// if the operator dies before the status is written.
/// </summary>
internal static class AddressAllocation
{
    private const uint Network = 0xF0F00000;

    private const uint Size = 0x10000;

    public static ImmutableSortedDictionary<ObjectKey, ValueArray<EntryAddress>> Of(
        ImmutableArray<EntryItem> oldestFirst, ImmutableSortedDictionary<ObjectKey, EntryAddressing> known, IEnumerable<Service> services)
    {
        var needing = oldestFirst.Where(item => !item.HostsWithoutAddress.IsEmpty && !AddressingOf(item, known).IsRefused).ToList();
        // What somebody wrote down himself is his.
        var taken = oldestFirst.SelectMany(item => item.Rule.Spec.Addresses).Concat(services.SelectMany(service => service.Addresses.Items)).ToHashSet(StringComparer.Ordinal);
        var given = new Dictionary<(ObjectKey Entry, string Host), string>();
        foreach (var item in needing)
            foreach (var host in item.HostsWithoutAddress)
                if (Remembered(AddressingOf(item, known), host) is { } address && taken.Add(address)) given.Add((item.Rule.Key.Object, host), address);
        foreach (var item in needing)
            foreach (var host in item.HostsWithoutAddress)
                if (!given.ContainsKey((item.Rule.Key.Object, host)) && New(item.Rule.Key.Object, host, taken) is { } address) given.Add((item.Rule.Key.Object, host), address);
        return needing.ToImmutableSortedDictionary(
            item => item.Rule.Key.Object,
            item => (ValueArray<EntryAddress>)[.. item.HostsWithoutAddress.Where(host => given.ContainsKey((item.Rule.Key.Object, host))).Select(host => new EntryAddress(host, given[(item.Rule.Key.Object, host)]))]);
    }

    private static EntryAddressing AddressingOf(EntryItem item, ImmutableSortedDictionary<ObjectKey, EntryAddressing> known) =>
        known.GetValueOrDefault(item.Rule.Key.Object) ?? EntryAddressing.None;

    private static string? Remembered(EntryAddressing addressing, string host)
    {
        foreach (var address in addressing.Given)
            if (address.Host == host && IsOurs(address.Value)) return address.Value;
        return null;
    }

    private static string? New(ObjectKey entry, string host, HashSet<string> taken)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{entry}/{host}"));
        var start = BinaryPrimitives.ReadUInt32BigEndian(digest) % Size;
        for (var step = 0u; step < Size; step++)
        {
            var number = (start + step) % Size;
            // The first and the last of the network look like its own and its broadcast address.
            if (number is 0 or Size - 1) continue;
            var address = Text(Network + number);
            if (taken.Add(address)) return address;
        }

        return null;
    }

    private static string Text(uint address)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }

    private static bool IsOurs(string text) =>
        IPAddress.TryParse(text, out var address) && address.GetAddressBytes() is [0xF0, 0xF0, _, _];
}
