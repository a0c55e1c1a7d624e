namespace Mesh.Benchmarks.Api;

/// <summary>What many objects of one kind cost: made, held, listed in pages, watched in storms.</summary>
public sealed record ManyResult
{
    public required int Count { get; init; }

    public required WriteResult Made { get; init; }

    public required long HeldBytes { get; init; }

    public required long MostBytes { get; init; }

    public required double PagedSeconds { get; init; }

    public required double WorstPage { get; init; }

    public required double WholeListMilliseconds { get; init; }

    /// <summary>Watches opened and dropped a second, while writes went on.</summary>
    public required double StormPerSecond { get; init; }

    public required WriteResult StormWrites { get; init; }

    public required long AfterStormBytes { get; init; }
}
