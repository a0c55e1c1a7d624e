using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>Which proxies open which ports.</summary>
public sealed record GatewaySpec : ISpecFromUser
{
    /// <summary>The ports.</summary>
    [MaxLength(256)]
    public IReadOnlyList<GatewayServer> Servers { get; init; } = [];

    /// <summary>Labels of the proxies that open them, in any namespace. Default: every proxy.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
