using Mesh.Benchmarks.Hop;

namespace Mesh.Benchmarks.Publish;

/// <summary>What one way to publish costs.</summary>
public sealed record PublishResult(PublishMode Mode, long ProgramBytes, double StartMilliseconds, long IdleBytes, long LoadedBytes, IReadOnlyList<Sample> Samples);
