using System.Diagnostics;
using System.Globalization;
using Mesh.Testing;

namespace Mesh.Benchmarks.Convergence;

/// <summary>The operator as the program it is, told a kubeconfig; its metrics, its processor time and its memory.</summary>
internal sealed class OperatorProcess : IDisposable
{
    private const string MetricsPort = "18080";
    private const string ControlAddress = "127.0.0.1:15112";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string LogFile = Path.Combine(Path.GetTempPath(), "mesh-bench-operator.log");

    private readonly Process _process;
    private readonly HttpClient _metrics = new();

    private OperatorProcess(Process process) => _process = process;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<OperatorProcess> StartAsync(string kubeconfig, params IEnumerable<string> more)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Repository.Path("bin/operator/Mesh.Operator.dll"), "--kubeconfig", kubeconfig, "--webhook-url", "https://127.0.0.1:19443", "--webhook-port", "19443",
            "--identity", "bench", "--metrics-port", MetricsPort, "--control-address", ControlAddress, "--control-port", ControlAddress.Split(':')[1], .. more,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("the operator did not start");
        var log = new StreamWriter(LogFile) { AutoFlush = true };
        process.OutputDataReceived += (_, e) => { lock (log) log.WriteLine(e.Data); };
        process.ErrorDataReceived += (_, e) => { lock (log) log.WriteLine(e.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var started = new OperatorProcess(process);
        await started.ReadyAsync();
        return started;
    }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan Processor()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Resident memory now, and the most there was, in bytes.</summary>
    public (long Now, long Most) Resident() => ResidentMemory.Of(_process.Id);

    /// <summary>A counter, or a sum or count of a histogram, over all its labels.</summary>
    public async Task<double> ValueAsync(string name) =>
        (await LinesAsync()).Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal)).Sum(ValueOf);

    /// <summary>Bounds and counts of a histogram.</summary>
    public async Task<SortedDictionary<double, double>> BucketsAsync(string name)
    {
        var buckets = new SortedDictionary<double, double>();
        foreach (var line in (await LinesAsync()).Where(line => line.StartsWith(name + "_bucket{", StringComparison.Ordinal)))
        {
            var from = line.IndexOf("le=\"", StringComparison.Ordinal) + 4;
            var limit = line[from..line.IndexOf('"', from)];
            var bound = limit == "+Inf" ? double.PositiveInfinity : double.Parse(limit, CultureInfo.InvariantCulture);
            buckets[bound] = buckets.GetValueOrDefault(bound) + ValueOf(line);
        }

        return buckets;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _metrics.Dispose();
    }

    private async Task ReadyAsync()
    {
        for (var patience = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            try
            {
                if ((await _metrics.GetAsync(new Uri($"http://127.0.0.1:{MetricsPort}/readyz"))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It starts.
            }

            if (_process.HasExited || patience.Elapsed > Patience) throw new InvalidOperationException($"the operator is not ready; its log: {LogFile}");
        }
    }

    private async Task<string[]> LinesAsync() => (await _metrics.GetStringAsync(new Uri($"http://127.0.0.1:{MetricsPort}/metrics"))).Split('\n');

    private static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[^1], CultureInfo.InvariantCulture);
}
