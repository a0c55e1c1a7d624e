namespace Mesh.Operator.Core.Snapshot;

/// <summary>What is known of a ServiceEntry's addresses beside its spec: those given out before, so that they last.</summary>
public sealed record EntryAddressing
{
    public static readonly EntryAddressing None = new();

    /// <summary>As its status tells.</summary>
    public ValueArray<EntryAddress> Given { get; init; } = [];

    /// <summary>The label <c>networking.istio.io/enable-autoallocate-ip: "false"</c> asks for none.</summary>
    public bool IsRefused { get; init; }
}
