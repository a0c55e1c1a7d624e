using System.Diagnostics;
using System.Globalization;
using System.Net;
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

    private readonly Process _process;
    private readonly string _directory;

    private ApiServerProcess(Process process, string directory) => (_process, _directory) = (process, directory);

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    public static async Task<ApiServerProcess> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("mesh-bench-api-").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, directory]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("the API server did not start");
        if (await process.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException("the API server ended while it started");
        return new ApiServerProcess(process, directory);
    }

    /// <summary>The other side: serves until its standard input ends, which it also does when the bench is killed.</summary>
    public static async Task ServeAsync(string directory)
    {
        await using var server = await EmbeddedApiServer.StartAsync(new ApiServerOptions
        {
            StateDirectory = Path.Combine(directory, "state"),
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        }, CancellationToken.None);
        server.WriteKubeconfig(Path.Combine(directory, "kubeconfig"), new Uri($"https://{server.EndPoints[0]}"), ApiUser.Admin);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }

    /// <summary>Resident memory as the kernel counts it for the process (VmRSS), and the most there was (VmHWM), in bytes.</summary>
    public (long Now, long Most) Resident()
    {
        var lines = File.ReadAllLines($"/proc/{_process.Id}/status");
        return (Kilobytes("VmRSS:") * 1024, Kilobytes("VmHWM:") * 1024);

        long Kilobytes(string field) => long.Parse(
            lines.First(line => line.StartsWith(field, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

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
