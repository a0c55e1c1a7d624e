using System.Collections.Immutable;
using System.Globalization;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>
/// Ketama's ring: a member has places by its weight, a key belongs to the next place. A member that leaves gives its keys to
/// its neighbours, nobody else's move.
/// </summary>
internal sealed class HashRing : KeyTable
{
    private const int Most = 8 * 1024 * 1024; // as Envoy

    private readonly ulong[] places;
    private readonly CompiledEndpoint[] owners;

    public HashRing(ImmutableArray<CompiledEndpoint> members, ImmutableArray<CompiledEndpoint> whole, int atLeast)
    {
        // So many places for each unit of weight that the lightest member has a whole number of them.
        var total = whole.Sum(member => (long)member.Weight);
        var lightest = whole.Min(member => member.Weight);
        var perUnit = Math.Min(Math.Ceiling((double)atLeast * lightest / total) / lightest, (double)Most / total);
        var ring = new List<(ulong Place, CompiledEndpoint Owner)>();
        foreach (var member in members)
        {
            var name = NameOf(member);
            var count = Math.Max(1, (int)Math.Round(perUnit * member.Weight));
            for (var i = 0; i < count; i++) ring.Add((KeyHash.Of(string.Create(CultureInfo.InvariantCulture, $"{name}_{i}")), member));
        }

        ring.Sort(static (one, other) => one.Place.CompareTo(other.Place));
        places = [.. ring.Select(entry => entry.Place)];
        owners = [.. ring.Select(entry => entry.Owner)];
    }

    public override CompiledEndpoint Find(ulong hash)
    {
        var at = Array.BinarySearch(places, hash);
        if (at < 0) at = ~at;
        return owners[at == owners.Length ? 0 : at];
    }
}
