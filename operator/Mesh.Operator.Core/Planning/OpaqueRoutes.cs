using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What VirtualServices say of connections that are no HTTP to one port of a service.</summary>
internal sealed record OpaqueRoutes
{
    public static readonly OpaqueRoutes None = new();

    /// <summary>By server name. Where there are any, TLS that none of them takes is for an unknown destination.</summary>
    public ImmutableArray<TlsRoute> Tls { get; init; } = [];

    /// <summary>By address. Where there are any, what none of them takes is for an unknown destination.</summary>
    public ImmutableArray<TcpRoute> Tcp { get; init; } = [];

    /// <summary>The rules they come from.</summary>
    public ImmutableArray<RuleKey> Rules { get; init; } = [];
}
