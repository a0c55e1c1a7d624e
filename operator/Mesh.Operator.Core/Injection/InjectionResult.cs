using System.Collections.Immutable;
using k8s.Models;

namespace Mesh.Operator.Core.Injection;

/// <summary>The pod with its sidecar, or everything that keeps it from having one.</summary>
public sealed record InjectionResult
{
    /// <summary>Null when there are <see cref="Problems"/>.</summary>
    public V1Pod? Pod { get; init; }

    public ImmutableArray<string> Problems { get; init; } = [];

    /// <summary>Annotations that this version does not act on.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}
