using System.Diagnostics;

namespace Mesh.Benchmarks.Apply;

/// <summary>
/// A mesh of its own with N client pods and two versions of a service; a route is changed to and fro, and every pod is
/// watched for its first answer from the other version. The watching happens in this process, by sockets that belong to the
/// pods' namespaces: their requests take the way of the pods' own.
/// </summary>
public static class ApplyBench
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<ApplyResult>> Run(IReadOnlyList<int> podCounts, int changes)
    {
        var mesh = new BenchMesh($"bench-{Environment.ProcessId}");
        try
        {
            mesh.Start(BenchMesh.Manifests, Limit);
            var results = new List<ApplyResult>();
            foreach (var pods in podCounts) results.Add(await Measure(mesh, pods, changes));
            return results;
        }
        finally
        {
            mesh.Stop();
        }
    }

    private static async Task<ApplyResult> Measure(BenchMesh mesh, int pods, int changes)
    {
        Console.Error.WriteLine($"{pods} pods: starting");
        mesh.Kubectl("scale", "deployment/client", $"--replicas={pods}");
        mesh.Kubectl("rollout", "status", "deployment/client", $"--timeout={Limit.TotalSeconds:0}s");
        // Asking costs processor time that the mesh needs too; many pods ask more slowly.
        var period = TimeSpan.FromMilliseconds(pods <= 10 ? 20 : 200);
        var address = mesh.ServiceAddress();
        await using var watch = new PodWatch([.. mesh.ClientNamespaces(pods)], address, period);
        mesh.Apply(BenchMesh.Route("v1"));
        // Without a route both versions answer, so the first answer of v1 says nothing yet.
        mesh.Kubectl("wait", "--for=condition=Programmed", "virtualservice/server", "--timeout=120s");
        await watch.All("v1");
        await watch.Settled();
        var measured = new List<Change>();
        for (var i = 0; i < changes; i++)
        {
            // A change by itself, as a person makes it, not the tail of the one before.
            await Task.Delay(Quiet);
            var version = i % 2 == 0 ? "v2" : "v1";
            var start = Stopwatch.GetTimestamp();
            mesh.Apply(BenchMesh.Route(version));
            var applied = Stopwatch.GetElapsedTime(start);
            mesh.Kubectl("wait", "--for=condition=Programmed", "virtualservice/server", "--timeout=120s");
            var programmed = Stopwatch.GetElapsedTime(start);
            await watch.All(version);
            var times = watch.Times(version).Select(at => Stopwatch.GetElapsedTime(start, at)).ToList();
            measured.Add(new Change(applied, times.Min(), times.Max(), programmed));
            Console.Error.WriteLine($"{pods} pods, change {i + 1}: applied {applied.TotalMilliseconds:0} ms, first {times.Min().TotalMilliseconds:0} ms, last {times.Max().TotalMilliseconds:0} ms, programmed {programmed.TotalMilliseconds:0} ms");
        }
        return new ApplyResult(pods, (int)period.TotalMilliseconds, measured);
    }
}
