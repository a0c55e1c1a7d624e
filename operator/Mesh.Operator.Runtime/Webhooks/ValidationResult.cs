using System.Collections.Immutable;

namespace Mesh.Operator.Runtime;

/// <summary>A validation webhook's verdict.</summary>
public sealed record ValidationResult
{
    public required bool Valid { get; init; }

    public AdmissionStatus? Status { get; init; }

    public ImmutableArray<string> Warnings { get; init; } = [];
}
