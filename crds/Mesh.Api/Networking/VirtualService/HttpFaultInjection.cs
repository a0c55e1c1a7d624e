namespace Mesh.Api.Networking;

/// <summary>Faults made on purpose; delay and abort are drawn independently.</summary>
public sealed record HttpFaultInjection
{
    /// <summary>Wait before forwarding.</summary>
    public FaultDelay? Delay { get; init; }

    /// <summary>Answer with an error instead of forwarding.</summary>
    public FaultAbort? Abort { get; init; }
}
