namespace Mesh.Operator.Core.Snapshot;

/// <summary>A Service.</summary>
public sealed record Service
{
    public required ObjectKey Key { get; init; }

    public DateTime Created { get; init; }

    public ServiceKind Kind { get; init; }

    /// <summary>Cluster addresses, the primary first; empty for headless and ExternalName Services.</summary>
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

    public string Host => HostNames.OfService(Key);
}
