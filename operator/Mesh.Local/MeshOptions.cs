using System.Collections.Immutable;

namespace Mesh.Local;

/// <summary>What `mesh up` was asked for.</summary>
public sealed record MeshOptions
{
    public required MeshPaths Paths { get; init; }

    /// <summary>Manifests to apply, files or directories; the sample when empty and <see cref="Sample"/> holds.</summary>
    public ImmutableArray<string> Manifests { get; init; } = [];

    public bool Sample { get; init; } = true;

    /// <summary>A cluster without the mesh: no operator, definitions, settings or sample; whoever wants the mesh deploys it as on any other.</summary>
    public bool Bare { get; init; }

    /// <summary>Directories laid out as bin, by the tag under which mesh/… images mean their programs.</summary>
    public ImmutableDictionary<string, string> Images { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Objects outlive the mesh: what an earlier one of this name kept is there again.</summary>
    public bool Keep { get; init; }

    /// <summary>How many nodes; of several each has a network of its own, in zones by turn.</summary>
    public int Nodes { get; init; } = 1;

    public int Zones { get; init; } = 1;

    /// <summary>How long to wait for everything to be ready before saying what is not.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;
}
