using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>One of a route's destinations.</summary>
public sealed class CompiledDestination(WeightedCluster config)
{
    /// <summary>As told.</summary>
    public WeightedCluster Config { get; } = config;

    /// <summary>Changes of request headers; <c>null</c> without.</summary>
    public HeaderEdits? RequestHeaders { get; } = HeaderEdits.OfRequest(config.Headers);

    /// <summary>Changes of response headers; <c>null</c> without.</summary>
    public HeaderEdits? ResponseHeaders { get; } = HeaderEdits.OfResponse(config.Headers);
}
