namespace Mesh.Api.Networking;

/// <summary>What a TCP connection must be like.</summary>
public sealed record L4MatchAttributes
{
    /// <summary>Addresses or ranges (<c>10.0.0.0/8</c>) the connection was meant for.</summary>
    public IReadOnlyList<string> DestinationSubnets { get; init; } = [];

    /// <summary>Port of the service that was addressed.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Never implemented by Istio; no effect.</summary>
    public string? SourceSubnet { get; init; }

    /// <summary>Only for callers whose pod has all these labels.</summary>
    public IReadOnlyDictionary<string, string> SourceLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Only on these gateways; replaces the <c>gateways</c> of the whole VirtualService for this match.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Only for callers of this namespace.</summary>
    public string? SourceNamespace { get; init; }
}
