namespace Mesh.Config;

/// <summary>A member that is new to a pool is given its share little by little (round robin and least request only).</summary>
public sealed record Warmup
{
    /// <summary>After this time it has its full share.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Share that it starts with, percent of its weight. Default 10.</summary>
    public double MinimumPercent { get; init; } = 10;

    /// <summary>Shape: the share is <c>(time / duration)^(1 / aggression)</c>; 1, the default, is linear.</summary>
    public double Aggression { get; init; } = 1;
}
