using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A command that exits with 0.</summary>
public sealed record ExecProbe
{
    /// <summary>The command and its words.</summary>
    [Required]
    [Each(MinLength = 1)]
    public IReadOnlyList<string> Command { get; init; } = [];
}
