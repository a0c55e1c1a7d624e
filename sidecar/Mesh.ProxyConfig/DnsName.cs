using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A name and its addresses.</summary>
public sealed record DnsName
{
    /// <summary>The name; a leading <c>*.</c> stands for all below that have no entry of their own.</summary>
    public required string Name { get; init; }

    /// <summary>IPv4 and IPv6 addresses. None: the name exists and has no address.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];
}
