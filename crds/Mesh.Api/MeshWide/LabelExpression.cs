using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>A condition on a label.</summary>
public sealed record LabelExpression
{
    /// <summary>The label.</summary>
    public string? Key { get; init; }

    /// <summary>What must hold.</summary>
    [AllowedValues("In", "NotIn", "Exists", "DoesNotExist")]
    public string? Operator { get; init; }

    /// <summary>Its values.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
