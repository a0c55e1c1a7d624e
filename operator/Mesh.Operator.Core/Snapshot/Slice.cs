namespace Mesh.Operator.Core.Snapshot;

/// <summary>An EndpointSlice of a Service.</summary>
public sealed record Slice
{
    public required ObjectKey Key { get; init; }

    /// <summary>The Service it belongs to.</summary>
    public required ObjectKey Service { get; init; }

    public bool IsIPv6 { get; init; }

    /// <summary>Port name (empty for the only one) and number.</summary>
    public ValueArray<NamedPort> Ports { get; init; } = [];

    public ValueArray<SliceEndpoint> Endpoints { get; init; } = [];
}
