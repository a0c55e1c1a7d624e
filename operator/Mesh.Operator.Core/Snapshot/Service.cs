namespace Mesh.Operator.Core.Snapshot;

/// <summary>A Service of the cluster, or one host of a ServiceEntry: what can be called by name.</summary>
public sealed record Service
{
    /// <summary>Namespace and name; the name of one from a ServiceEntry is its host.</summary>
    public required ObjectKey Key
    {
        get;
        init
        {
            field = value;
            Host = HostOf();
        }
    }

    /// <summary>The ServiceEntries it comes from, the oldest first; none for a Service of the cluster.</summary>
    public ValueArray<RuleKey> Entries
    {
        get;
        init
        {
            field = value;
            Host = HostOf();
        }
    }

    public bool IsOfEntry => Entries.Count > 0;

    public DateTime Created { get; init; }

    public ServiceKind Kind { get; init; }

    /// <summary>Cluster addresses, the primary first; empty for headless and ExternalName Services. Those of a ServiceEntry may be networks.</summary>
    public ValueArray<string> Addresses { get; init; } = [];

    public LabelSet Selector { get; init; } = LabelSet.Empty;

    /// <summary>The TCP ports in the order of the Service; UDP and SCTP never pass through a sidecar.</summary>
    public ValueArray<ServicePort> Ports { get; init; } = [];

    /// <summary>The name an ExternalName Service stands for.</summary>
    public string ExternalName { get; init; } = "";

    public bool PublishNotReadyAddresses { get; init; }

    /// <summary>IPv6 is the Service's first address family.</summary>
    public bool PrefersIPv6 { get; init; }

    /// <summary>Namespaces that may see the Service (annotation <c>networking.istio.io/exportTo</c>); empty is everyone.</summary>
    public ValueArray<string> ExportTo { get; init; } = [];

    /// <summary>It is no part of the mesh: mutual TLS of the mesh is not spoken to it.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Members written into the ServiceEntry itself.</summary>
    public ValueArray<EntryMember> Members { get; init; } = [];

    /// <summary>Names of which a member's certificate must carry one, where TLS is spoken to it.</summary>
    public ValueArray<string> SubjectAltNames { get; init; } = [];

    /// <summary>The full name; put together once, as it is asked for at every turn.</summary>
    public string Host { get; private init; } = "";

    private string HostOf() => IsOfEntry ? Key.Name : HostNames.OfService(Key);
}
