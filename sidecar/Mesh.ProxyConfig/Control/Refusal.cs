namespace Mesh.Config.Control;

/// <summary>No, and why.</summary>
public sealed record Refusal
{
    /// <summary>For people.</summary>
    public required string Reason { get; init; }

    /// <summary>For an operator that is told it no longer leads: the epoch seen. 0 otherwise.</summary>
    public long Epoch { get; init; }
}
