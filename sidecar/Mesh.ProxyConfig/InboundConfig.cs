using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>What arrives for the application: one entry per declared port; other ports are passed through to the application.</summary>
public sealed record InboundConfig
{
    /// <summary>Ports that a Service or the pod declares.</summary>
    public ImmutableArray<InboundPort> Ports { get; init; } = [];
}
