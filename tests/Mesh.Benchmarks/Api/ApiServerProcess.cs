using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Mesh.Local.ApiServer;

namespace Mesh.Benchmarks.Api;

/// <summary>
/// The embedded API server in a process of its own (this program, started again), so that its memory and CPU are its own
/// and none of the load's.
/// </summary>
public sealed class ApiServerProcess : IDisposable
{
    /// <summary>The word by which this program is told to be the server.</summary>
    public const string Word = "serve-api";

    private const string AskForWrites = "writes";

    private readonly Process _process;
    private readonly string _directory;

    private ApiServerProcess(Process process, string directory) => (_process, _directory) = (process, directory);

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>Of a user of its own, who may do everything too; what it writes is counted (<see cref="WritesAsync"/>).</summary>
    public string CountedKubeconfig => Path.Combine(_directory, "kubeconfig-counted");

    public static async Task<ApiServerProcess> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("mesh-bench-api-").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, directory]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("the API server did not start");
        if (await process.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException("the API server ended while it started");
        return new ApiServerProcess(process, directory);
    }

    /// <summary>How many writes of the counted user succeeded until now, by method and resource.</summary>
    public async Task<IReadOnlyDictionary<string, long>> WritesAsync()
    {
        await _process.StandardInput.WriteLineAsync(AskForWrites);
        return JsonSerializer.Deserialize<Dictionary<string, long>>(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the API server is gone"))!;
    }

    /// <summary>The other side: serves until its standard input ends, which it also does when the bench is killed.</summary>
    public static async Task ServeAsync(string directory)
    {
        var counted = new ApiUser("counted", ApiUser.Admin.Groups);
        var writes = new ConcurrentDictionary<string, long>();
        await using var server = await EmbeddedApiServer.StartAsync(new ApiServerOptions
        {
            StateDirectory = Path.Combine(directory, "state"),
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Answered = call =>
            {
                if (call.User == counted.Name && call.Method != "GET" && call.Code < 300) writes.AddOrUpdate($"{call.Method} {call.Resource}", 1, (_, count) => count + 1);
            },
        }, CancellationToken.None);
        server.WriteKubeconfig(Path.Combine(directory, "kubeconfig"), new Uri($"https://{server.EndPoints[0]}"), ApiUser.Admin);
        server.WriteKubeconfig(Path.Combine(directory, "kubeconfig-counted"), new Uri($"https://{server.EndPoints[0]}"), counted);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } asked)
            if (asked == AskForWrites) Console.WriteLine(JsonSerializer.Serialize(writes));
    }

    /// <summary>Resident memory as the kernel counts it for the process (VmRSS), and the most there was (VmHWM), in bytes.</summary>
    public (long Now, long Most) Resident() => ResidentMemory.Of(_process.Id);

    /// <summary>Processor time used so far.</summary>
    public TimeSpan Processor()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
