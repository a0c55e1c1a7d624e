using System.Collections.Immutable;

namespace Mesh.Local.Faults;

/// <summary>A fault with the addresses its words mean now, and the number its rules carry. Null addresses are anybody.</summary>
internal sealed record FaultLink(int Number, Fault Fault, ImmutableArray<string>? From, ImmutableArray<string>? To)
{
    /// <summary>A delay or a rate: its packets wait; of several on one packet the oldest holds.</summary>
    public bool IsShape => Fault is { Cut: false } and ({ DelayMilliseconds: > 0 } or { BitsPerSecond: > 0 });
}
