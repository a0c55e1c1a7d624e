namespace Mesh.Benchmarks.Hop;

/// <summary>Runs every load against every target, in turns.</summary>
public static class HopBench
{
    private const int WarmUpSeconds = 3;

    public static HopResult Run(int seconds, int rounds)
    {
        using var stage = new Stage();
        IReadOnlyList<Target> targets = [Targets.Direct(), Targets.Nginx(stage), Targets.HAProxy(stage), Targets.Sidecar(stage)];
        foreach (var target in targets) stage.WaitFor(target.From(stage), target.Http1);
        var idle = targets.ToDictionary(target => target.Name, target => target.Cost().MemoryBytes);
        var samples = new List<Sample>();
        foreach (var load in Load.All)
        {
            // Compilers and caches first, for each in the same way.
            foreach (var target in targets) load.Run(target.From(stage), target.For(load), WarmUpSeconds);
            for (var round = 1; round <= rounds; round++)
                foreach (var target in targets)
                {
                    var before = target.Cost().CpuSeconds;
                    var result = load.Run(target.From(stage), target.For(load), seconds);
                    var cpu = (target.Cost().CpuSeconds - before) * 1e6 / Math.Max(1, result.Requests);
                    samples.Add(new Sample(target.Name, load.Title, result, cpu));
                    Console.Error.WriteLine($"{load.Title}, round {round}: {target.Name} {result.PerSecond:0}/s p50 {result.P50Milliseconds:0.00} ms p99 {result.P99Milliseconds:0.00} ms {cpu:0.0} µs{(result.Failed > 0 ? $" FAILED {result.Failed}" : "")}");
                }
        }
        var memory = targets.Where(target => target.Process is not null).ToDictionary(target => target.Name, target => (idle[target.Name], target.Cost().MemoryBytes));
        return new HopResult([.. targets.Select(target => target.Name)], samples, memory);
    }
}
