using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>The members behind one port of one host.</summary>
public sealed record EndpointGroup
{
    /// <summary>FQDN.</summary>
    public required string Host { get; init; }

    /// <summary>Service port.</summary>
    public required int Port { get; init; }

    /// <summary>Members that may be given traffic, ordered by address and port.</summary>
    public ImmutableArray<Endpoint> Endpoints { get; init; } = [];
}
