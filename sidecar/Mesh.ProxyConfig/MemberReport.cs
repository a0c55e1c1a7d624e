namespace Mesh.Config;

/// <summary>A member that a proxy leaves out of balancing.</summary>
public sealed record MemberReport
{
    /// <summary>Name of the <see cref="Cluster"/>.</summary>
    public required string Cluster { get; init; }

    /// <summary>Address and port of the member.</summary>
    public required string Address { get; init; }

    /// <summary>Its pod; empty when unknown.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Why it is left out.</summary>
    public required MemberCondition Condition { get; init; }

    /// <summary>In words: what it answered, how often in a row.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Until when, where that is known (an ejection); else left out.</summary>
    public DateTimeOffset? Until { get; init; }
}
