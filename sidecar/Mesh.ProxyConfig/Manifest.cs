using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>The head of a config document: which sections make it up.</summary>
public sealed record Manifest
{
    /// <summary>The oldest format that has all that is in the document: who reads it, or a newer one, reads this document.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Number of this config for this pod; grows by at least one with each published change. Not part of <see cref="Hash"/>.</summary>
    public required long Revision { get; init; }

    /// <summary>Uid of the pod the config is for; a sidecar refuses another pod's. Empty matches any pod.</summary>
    public string PodUid { get; init; } = "";

    /// <summary>Hash over names and hashes of all sections, in order: equal hash = equal config.</summary>
    public required string Hash { get; init; }

    /// <summary>The sections, ordered by name.</summary>
    public required ImmutableArray<SectionRef> Sections { get; init; }
}
