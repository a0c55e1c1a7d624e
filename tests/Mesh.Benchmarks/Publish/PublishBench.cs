using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mesh.Benchmarks.Hop;
using Mesh.Config;
using Mesh.Testing;

namespace Mesh.Benchmarks.Publish;

/// <summary>Publishes, starts, waits, loads.</summary>
public static class PublishBench
{
    private const int Starts = 7;
    private const int WarmUpSeconds = 3;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<PublishResult> Run(int seconds, int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-publish-").FullName;
        try
        {
            return [.. PublishMode.All.Select((mode, i) => Measure(mode, Published(mode, $"{directory}/{i}"), seconds, rounds))];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Published(PublishMode mode, string to)
    {
        Console.Error.WriteLine($"publishing: {mode.Title} ...");
        var run = Command.Run("dotnet",
            ["publish", Repository.Path("sidecar/Mesh.Sidecar"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", to, "--nologo", "-v", "quiet", .. mode.Words],
            timeout: TimeSpan.FromMinutes(15));
        if (run.ExitCode != 0) throw new InvalidOperationException($"{mode.Title} cannot be published:\n{run.Output}{run.Error}");
        // What an image leaves out as well.
        foreach (var file in Directory.EnumerateFiles(to).Where(file => Path.GetExtension(file) is ".dbg" or ".xml")) File.Delete(file);
        return to;
    }

    private static PublishResult Measure(PublishMode mode, string program, int seconds, int rounds)
    {
        var starts = Enumerable.Range(0, Starts).Select(_ =>
        {
            using var stage = new Stage();
            return StartOf(stage, Targets.Sidecar(stage, program, mode.Title));
        }).Order().ToArray();
        using var stage = new Stage();
        var target = Targets.Sidecar(stage, program, mode.Title);
        stage.WaitFor(stage.Pod, target.Http1);
        Thread.Sleep(Rest);
        var idle = target.Cost().MemoryBytes;
        var samples = new List<Sample>();
        foreach (var load in Load.All)
        {
            load.Run(stage.Pod, target.For(load), WarmUpSeconds);
            for (var round = 1; round <= rounds; round++)
            {
                var before = target.Cost().CpuSeconds;
                var result = load.Run(stage.Pod, target.For(load), seconds);
                samples.Add(new Sample(mode.Title, load.Title, result, (target.Cost().CpuSeconds - before) * 1e6 / Math.Max(1, result.Requests)));
            }
        }

        var size = Directory.EnumerateFiles(program, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        Console.Error.WriteLine($"{mode.Title}: start {starts[Starts / 2]:0} ms, idle {idle >> 20} MiB");
        return new PublishResult(mode, size, starts[Starts / 2], idle, target.Cost().MemoryBytes, samples);
    }

    /// <summary>From the process's start until it says that it is ready, its config read and its ports open.</summary>
    private static double StartOf(Stage stage, Target target)
    {
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(30); Thread.Sleep(1))
            if (IsReady(stage)) return (DateTime.Now - target.Process!.StartTime).TotalMilliseconds;
        throw new InvalidOperationException($"{target.Name} is not ready after 30 s");
    }

    private static bool IsReady(Stage stage)
    {
        using var socket = stage.Pod.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.Connect(IPAddress.Loopback, WellKnown.ReadinessPort);
            socket.Send("GET /healthz/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            var answer = new byte[64];
            return answer.AsSpan(0, socket.Receive(answer)).StartsWith("HTTP/1.1 200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
