namespace Mesh.Api.Networking;

/// <summary>Which proxies.</summary>
public sealed record EnvoyProxyMatch
{
    /// <summary>Expression for the version.</summary>
    public string? ProxyVersion { get; init; }

    /// <summary>Metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
