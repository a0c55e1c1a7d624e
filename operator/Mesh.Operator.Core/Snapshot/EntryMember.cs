namespace Mesh.Operator.Core.Snapshot;

/// <summary>A member of a service that is no pod: an endpoint of a ServiceEntry, or a WorkloadEntry.</summary>
public sealed record EntryMember
{
    /// <summary>An IP address, or a name where names are resolved.</summary>
    public required string Address { get; init; }

    /// <summary>Name of the WorkloadEntry; empty for an endpoint of a ServiceEntry.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its own numbers for ports, by the ports' names.</summary>
    public ValueArray<NamedPort> Ports { get; init; } = [];

    public LabelSet Labels { get; init; } = LabelSet.Empty;

    public Locality Locality { get; init; } = Locality.Unknown;

    /// <summary>Its share; 0 when nothing was written.</summary>
    public int Weight { get; init; }

    public string ServiceAccount { get; init; } = "";

    /// <summary>The ports of the service it is behind; empty for all.</summary>
    public ValueArray<int> OnlyPorts { get; init; } = [];

    public bool IsBehind(ServicePort port) => OnlyPorts.Count == 0 || OnlyPorts.Items.Contains(port.Port);

    /// <summary>The port it serves for a port of the service.</summary>
    public int PortFor(ServicePort port)
    {
        foreach (var own in Ports)
            if (own.Name == port.Name) return own.Port;
        return port.TargetPort > 0 ? port.TargetPort : port.Port;
    }
}
