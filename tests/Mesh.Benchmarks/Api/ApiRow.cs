namespace Mesh.Benchmarks.Api;

/// <summary>One load of writes: how fast, what the server used of the machine meanwhile, and what watchers got.</summary>
public sealed record ApiRow(string What, WriteResult Writes, double ServerCores, double EventsPerSecond);
