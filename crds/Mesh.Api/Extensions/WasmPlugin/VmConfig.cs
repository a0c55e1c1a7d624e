using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Extensions;

/// <summary>Surroundings of the program.</summary>
public sealed record VmConfig
{
    /// <summary>Environment variables.</summary>
    [ListMapKey("name")]
    [MaxLength(256)]
    public IReadOnlyList<EnvironmentVariable> Env { get; init; } = [];
}
