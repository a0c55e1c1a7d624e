using System.Collections.Immutable;
using System.Net;
using Mesh.Local.ApiServer;
using Mesh.Local.Node.Linux;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local;

/// <summary>The operator as a child in the node's network namespace: the binary of a cluster, started again with back-off whenever it ends.</summary>
internal sealed class OperatorProcess(MeshPaths paths, NetworkNamespace node, IPAddress address, ProcessLedger ledger, TimeProvider time, Random random, ILogger log)
{
    public const int WebhookPort = 9443;
    private const int ControlPort = 15012;

    /// <summary>As on a cluster it is a ServiceAccount that may do what config/rbac says and nothing else.</summary>
    public static ApiUser Account { get; } = ApiUser.ServiceAccount("mesh-system", "mesh-operator");

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private TaskCompletionSource _allowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _process;
    private bool _isOn = true;

    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), random);

    /// <summary>False while it is kept from running on purpose.</summary>
    public bool IsOn
    {
        get
        {
            lock (_lock) return _isOn;
        }
    }

    /// <summary>Kills it (SIGKILL: nothing is released, nobody is told) and keeps it from starting again.</summary>
    public void SwitchOff()
    {
        lock (_lock)
        {
            if (_isOn) _allowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _isOn = false;
            _process?.Signal(Libc.SigKill);
        }
    }

    /// <summary>Lets it start again.</summary>
    public void SwitchOn()
    {
        lock (_lock)
        {
            _isOn = true;
            _allowed.TrySetResult();
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!File.Exists(Assembly))
        {
            log.LogError("There is no operator: {Path} is not built (make build)", Assembly);
            return;
        }

        while (!cancellation.IsCancellationRequested)
        {
            if (!IsOn) await _allowed.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested) return;
            var began = time.GetTimestamp();
            var status = await RunOnceAsync(cancellation);
            if (cancellation.IsCancellationRequested) return;
            if (!IsOn) continue;
            if (time.GetElapsedTime(began) > Settled) _backoff.Reset();
            var pause = _backoff.Next();
            log.LogWarning("The operator ended with {Code}; starting it again in {Pause:0.0} s ({Log})", status.Code, pause.TotalSeconds, paths.OperatorLog);
            await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string Assembly => Path.Combine(paths.Programs, "operator", "Mesh.Operator.dll");

    private async Task<ExitStatus> RunOnceAsync(CancellationToken cancellation)
    {
        await using var file = new FileStream(paths.OperatorLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var process = await ChildProcess.StartAsync("operator", () => new SpawnRequest
        {
            Path = Tool.Find("setpriv"),
            Arguments = Command(),
            Environment =
            [
                .. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(e => $"{e.Key}={e.Value}"),
            ],
            Network = node,
        }, bytes =>
        {
            file.Write(bytes.Span);
            file.Flush();
        });
        ledger.Add(process.Pid);
        Began(process);
        await using var stopping = cancellation.Register(() => process.Signal(Libc.SigTerm));
        var exited = process.Exited;
        await ((Task)exited).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!exited.IsCompleted && await Task.WhenAny(exited, Task.Delay(Grace, time, CancellationToken.None)) != exited) process.Signal(Libc.SigKill);
        var status = await exited;
        lock (_lock) _process = null;
        return status;
    }

    private void Began(ChildProcess process)
    {
        lock (_lock)
        {
            _process = process;
            // Switched off while it started.
            if (!_isOn) process.Signal(Libc.SigKill);
        }
    }

    private ImmutableArray<string> Command() =>
    [
        "setpriv", "--pdeathsig=KILL", "--", Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : "dotnet", Assembly,
        "--kubeconfig", paths.OperatorKubeconfig, "--webhook-url", $"https://{address}:{WebhookPort}", "--webhook-port", WebhookPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
        // The same name each time: a restarted operator takes its own lease back at once.
        // Nobody waits to take over, so a slow machine need not cost it its term.
        "--identity", $"mesh-{paths.Name}", "--lease-duration", "15", "--metrics-port", "8080",
        // Sidecars of every node reach the control plane by its address; there is no Service before it.
        "--control-address", $"{address}:{ControlPort}", "--control-port", $"{ControlPort}",
    ];
}
