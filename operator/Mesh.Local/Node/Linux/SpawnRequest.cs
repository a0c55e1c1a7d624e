using System.Collections.Immutable;

namespace Mesh.Local.Node.Linux;

/// <summary>A process to start: what it runs, and the namespaces it starts in.</summary>
internal sealed record SpawnRequest
{
    /// <summary>Absolute path of the program, as seen after <see cref="NewRoot"/> has become the root.</summary>
    public required string Path { get; init; }

    /// <summary>Arguments, the program's own name first.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Network namespace to start in; null keeps the caller's.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>A prepared directory (a mount point in the calling thread's own mount namespace) that becomes the root.</summary>
    public string? NewRoot { get; init; }

    /// <summary>The process is number 1 of a new PID namespace: with it everything it started dies.</summary>
    public bool OwnPids { get; init; }

    /// <summary>Where a devpts is mounted whose next terminal is to be all three streams; null: no terminal.</summary>
    public string? Terminals { get; init; }

    /// <summary>The terminal, by its path as the process sees it: opened by the new session's leader, so that it becomes its own.</summary>
    public string? Terminal { get; init; }

    public int StandardInput { get; init; } = -1;

    public int StandardOutput { get; init; } = -1;

    public int StandardError { get; init; } = -1;
}
