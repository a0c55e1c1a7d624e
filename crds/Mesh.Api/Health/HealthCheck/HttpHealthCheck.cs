namespace Mesh.Api.Health;

/// <summary>An HTTP request and the statuses that mean well.</summary>
public sealed record HttpHealthCheck
{
    /// <summary>Path asked for, with its query. Default <c>/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>Method. Default <c>GET</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Host header. Default: the host of the pool.</summary>
    public string? Host { get; init; }

    /// <summary>Further headers, by name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Statuses that mean well, each one number or a range: <c>["200-299", "404"]</c>. Default <c>200-299</c>.</summary>
    public IReadOnlyList<string> ExpectedStatuses { get; init; } = [];
}
