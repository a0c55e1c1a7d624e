namespace Mesh.Config;

/// <summary>Where the members of a cluster come from.</summary>
public enum Discovery
{
    /// <summary>From the <see cref="EndpointGroup"/> of host and port.</summary>
    Endpoints,

    /// <summary>The connection's original destination (headless Services, passthrough).</summary>
    OriginalDestination,

    /// <summary>From DNS: every address that each name has (ExternalName, ServiceEntry DNS).</summary>
    Dns,

    /// <summary>From DNS: the first address of the last answer for each name; connections made to others before go on (ServiceEntry DNS_ROUND_ROBIN).</summary>
    DnsRoundRobin,

    /// <summary>
    /// From DNS: the addresses of the very host a request (its authority) or a TLS connection (its server name) asks for, which
    /// must lie below the cluster's wildcard (ServiceEntry DYNAMIC_DNS). A member of the group, if there is one, stands for all
    /// and says their port.
    /// </summary>
    DynamicDns,
}
