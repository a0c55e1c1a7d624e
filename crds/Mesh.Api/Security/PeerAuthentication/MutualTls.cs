using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>Whether callers have to speak mutual TLS of the mesh.</summary>
public sealed record MutualTls
{
    /// <summary>
    /// <c>STRICT</c> nothing else is let in; <c>PERMISSIVE</c> clear text too; <c>DISABLE</c> clear text only; <c>UNSET</c>
    /// (default) takes over what the next wider one says, in the end PERMISSIVE.
    /// </summary>
    [AllowedValues("UNSET", "DISABLE", "PERMISSIVE", "STRICT")]
    public string? Mode { get; init; }
}
