namespace Mesh.Operator.Core.Snapshot;

/// <summary>One member in an EndpointSlice.</summary>
public sealed record SliceEndpoint
{
    public required string Address { get; init; }

    public bool Ready { get; init; }

    public bool Serving { get; init; }

    public bool Terminating { get; init; }

    public string Zone { get; init; } = "";

    public string NodeName { get; init; } = "";

    /// <summary>Its own name below a headless Service; empty when it has none.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Name of the pod behind the address; empty when it is none.</summary>
    public string Pod { get; init; } = "";
}
