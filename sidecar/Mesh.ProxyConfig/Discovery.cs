namespace Mesh.Config;

/// <summary>Where the members of a cluster come from.</summary>
public enum Discovery
{
    /// <summary>From the <see cref="EndpointGroup"/> of host and port.</summary>
    Endpoints,

    /// <summary>The connection's original destination (headless Services, passthrough).</summary>
    OriginalDestination,

    /// <summary>From DNS (ExternalName).</summary>
    Dns,
}
