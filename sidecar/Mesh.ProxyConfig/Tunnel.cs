using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Opaque connections to a cluster are carried on by its members to another place, which is asked for in HTTP/1.1.</summary>
public sealed record Tunnel
{
    /// <summary>Name or address at the tunnel's end.</summary>
    public required string Host { get; init; }

    /// <summary>Port at the tunnel's end.</summary>
    public required int Port { get; init; }

    /// <summary>Asked for with POST, bytes as chunks of its body; default CONNECT.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UsesPost { get; init; }
}
