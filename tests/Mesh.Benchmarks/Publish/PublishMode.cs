namespace Mesh.Benchmarks.Publish;

/// <summary>
/// The ways a sidecar can be shipped, measured: each is published, started some times, left idle and put under the load of the
/// hop, all with the same config. What enters is this clone, what leaves is a table; nothing is judged here
/// (docs/adr says what was made of it).
/// </summary>
/// <param name="Title">As the table says.</param>
/// <param name="Words">What `dotnet publish` is told.</param>
public sealed record PublishMode(string Title, IReadOnlyList<string> Words)
{
    /// <summary>All that are compared.</summary>
    public static IReadOnlyList<PublishMode> All { get; } =
    [
        new("framework-dependent", ["--no-self-contained"]),
        new("self-contained, trimmed, ReadyToRun", ["--self-contained", "-p:PublishTrimmed=true", "-p:PublishReadyToRun=true"]),
        new("native, for size", ["-p:PublishAot=true", "-p:OptimizationPreference=Size"]),
        new("native, for speed", ["-p:PublishAot=true", "-p:OptimizationPreference=Speed"]),
    ];
}
