using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Every endpoint group of one host; the unit in which endpoints travel.</summary>
public sealed record EndpointSet
{
    /// <summary>The host.</summary>
    public required string Host { get; init; }

    /// <summary>One per service port.</summary>
    public required ImmutableArray<EndpointGroup> Groups { get; init; }
}
