using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Cli;

/// <summary>One row of `mesh status`: what a proxy should hold, what it holds, and why they differ.</summary>
public sealed record ProxyState
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    /// <summary>Revision of the pod's record; 0 when it has none yet.</summary>
    public required long Wanted { get; init; }

    /// <summary>Revision in force in the proxy; null when it did not say.</summary>
    public required long? Held { get; init; }

    public required bool InSync { get; init; }

    /// <summary>Why it is not in sync; empty when it is.</summary>
    public required string Why { get; init; }

    public string Version { get; init; } = "";

    /// <summary>The control session as the proxy sees it; null when it did not say or never looked for one.</summary>
    public SessionReport? Session { get; init; }

    /// <summary>What its application takes from callers: <c>strict</c>, <c>permissive</c>, <c>disable</c>; empty when not known.</summary>
    public string MutualTls { get; init; } = "";

    /// <summary>Ports that differ: <c>9081 disable</c>.</summary>
    public ImmutableArray<string> MutualTlsByPort { get; init; } = [];

    /// <summary>Who called in clear text within the last hour, those seen last first.</summary>
    public ImmutableArray<string> ClearTextClients { get; init; } = [];

    /// <summary>Members of services that this proxy leaves out of balancing, each with why.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];
}
