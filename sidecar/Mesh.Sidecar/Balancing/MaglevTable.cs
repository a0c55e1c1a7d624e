using System.Collections.Immutable;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>
/// Maglev's table (https://research.google/pubs/pub44824/, section 3.4): members take free entries in turn, each in an order
/// of its own. A lookup is one division; the shares are more even than a ring's.
/// </summary>
internal sealed class MaglevTable : KeyTable
{
    private readonly CompiledEndpoint[] entries;

    public MaglevTable(ImmutableArray<CompiledEndpoint> members, int size)
    {
        entries = new CompiledEndpoint[size];
        var heaviest = members.Max(member => member.Weight);
        var turns = members.Select(member => new Turn(member, size)).ToArray();
        var taken = 0;
        for (var round = 1L; taken < size; round++)
        {
            foreach (var turn in turns)
            {
                // The heaviest takes one entry a round, the others by their weight in proportion.
                if (round * turn.Member.Weight < turn.Due) continue;
                turn.Due += heaviest;
                var entry = turn.Next();
                while (entries[entry] is not null) entry = turn.Next();
                entries[entry] = turn.Member;
                if (++taken == size) return;
            }
        }
    }

    public override CompiledEndpoint Find(ulong hash) => entries[hash % (ulong)entries.Length];

    private sealed class Turn(CompiledEndpoint member, int size)
    {
        private readonly ulong skip = (KeyHash.Mix(KeyHash.Of(NameOf(member))) % (ulong)(size - 1)) + 1;
        private ulong at = KeyHash.Of(NameOf(member)) % (ulong)size;

        public CompiledEndpoint Member => member;

        public long Due { get; set; }

        public int Next()
        {
            var entry = (int)at;
            at = (at + skip) % (ulong)size;
            return entry;
        }
    }
}
