using k8s.Models;
using Mesh.Config;

namespace Mesh.Cli;

/// <summary>What was learned of one injected pod: the API said the first two, its proxy the third.</summary>
internal sealed record ProxyReading
{
    public required V1Pod Pod { get; init; }

    /// <summary>The pod's config record; null when the operator has written none yet.</summary>
    public ProxyRecord? Record { get; init; }

    /// <summary>Null when the proxy did not say.</summary>
    public ProxyReport? Report { get; init; }

    /// <summary>Why it did not; null when it did.</summary>
    public string? Silence { get; init; }
}
