using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>What arrives for the application: one entry per declared port; other ports are passed through to the application.</summary>
public sealed record InboundConfig
{
    /// <summary>Ports that a Service or the pod declares.</summary>
    public ImmutableArray<InboundPort> Ports { get; init; } = [];

    /// <summary>What every port takes, ports that nobody declared included. Default permissive.</summary>
    public MutualTlsMode MutualTls { get; init; } = MutualTlsMode.Permissive;

    /// <summary>Ports that differ, ordered by number, at most once each; they need not be declared.</summary>
    public ImmutableArray<PortMutualTls> MutualTlsByPort { get; init; } = [];
}
