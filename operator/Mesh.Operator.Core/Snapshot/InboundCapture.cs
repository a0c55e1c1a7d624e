namespace Mesh.Operator.Core.Snapshot;

/// <summary>Which ports of a pod its sidecar stands before; connections to the others reach the application directly.</summary>
public sealed record InboundCapture
{
    public static readonly InboundCapture Everything = new();

    /// <summary>Null is all.</summary>
    public ValueArray<int>? Included { get; init; }

    public ValueArray<int> Excluded { get; init; } = [];

    public bool Captures(int port) => (Included is not { } included || included.Items.Contains(port)) && !Excluded.Items.Contains(port);
}
