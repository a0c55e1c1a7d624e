namespace Mesh.Benchmarks.Apply;

/// <summary>One change of the route: since the start of kubectl apply, when it returned, when pods obeyed, when status said so.</summary>
public sealed record Change(TimeSpan Applied, TimeSpan First, TimeSpan Last, TimeSpan Programmed);
