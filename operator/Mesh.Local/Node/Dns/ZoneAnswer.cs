using System.Net;

namespace Mesh.Local.Node.Dns;

/// <summary>What stands behind a name; nothing at all means the name exists without records of any kind.</summary>
internal sealed record ZoneAnswer
{
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    public IReadOnlyList<(string Target, int Port)> Services { get; init; } = [];

    /// <summary>Another name that stands for this one.</summary>
    public string? Alias { get; init; }
}
