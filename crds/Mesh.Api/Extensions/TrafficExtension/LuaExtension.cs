using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Extensions;

/// <summary>A program in Lua.</summary>
public sealed record LuaExtension
{
    /// <summary>The program.</summary>
    [Required]
    [StringLength(65536, MinimumLength = 1)]
    public string? InlineCode { get; init; }
}
