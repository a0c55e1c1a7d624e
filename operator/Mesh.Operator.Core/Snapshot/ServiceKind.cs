namespace Mesh.Operator.Core.Snapshot;

/// <summary>How a Service's name leads to endpoints.</summary>
public enum ServiceKind
{
    /// <summary>By a cluster address that stands for all members.</summary>
    ClusterIP,

    /// <summary>DNS answers with the members themselves.</summary>
    Headless,

    /// <summary>DNS answers with another name.</summary>
    ExternalName,

    /// <summary>A ServiceEntry whose connections go where the client meant them to (NONE).</summary>
    Unresolved,

    /// <summary>A ServiceEntry with members of known address (STATIC).</summary>
    Static,

    /// <summary>A ServiceEntry whose members are all addresses of its names (DNS).</summary>
    Dns,

    /// <summary>A ServiceEntry whose one member is the first address of its name (DNS_ROUND_ROBIN).</summary>
    DnsRoundRobin,

    /// <summary>A ServiceEntry whose members are the addresses of the very host that is asked for (DYNAMIC_DNS).</summary>
    DynamicDns,
}
