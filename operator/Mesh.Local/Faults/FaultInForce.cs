namespace Mesh.Local.Faults;

/// <summary>A fault and whom it meets now: how many addresses (or whole nodes' subnets) on each side.</summary>
public sealed record FaultInForce(Fault Fault, int From, int To);
