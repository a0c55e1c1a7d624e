using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>PROXY protocol header at the beginning of connections.</summary>
public sealed record ProxyProtocolSettings
{
    /// <summary><c>V1</c> (default, text) or <c>V2</c> (binary).</summary>
    [AllowedValues("V1", "V2")]
    public string? Version { get; init; }
}
