using System.Collections.Immutable;

namespace Mesh.Local.ApiServer;

/// <summary>What `kubectl exec` and `kubectl attach` ask for.</summary>
public sealed record ContainerSessionRequest
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    public required string PodUid { get; init; }

    public required string Container { get; init; }

    /// <summary>The program and its arguments; empty: the container's main process is joined.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    public bool Input { get; init; }

    public bool Output { get; init; }

    /// <summary>Apart from the output; a terminal has one stream for both.</summary>
    public bool Error { get; init; }

    public bool Terminal { get; init; }
}
