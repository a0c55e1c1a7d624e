using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Testing;

namespace Mesh.Operator.Tests.Servers;

/// <summary>The operator as users run it: its own process.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private OperatorProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => _lines.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => _lines.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Log => string.Join('\n', _lines);

    public static OperatorProcess Start(string kubeconfig, bool webhooks, string identity = "test", Uri? webhookUrl = null, params string[] more)
    {
        var port = FreePort.Find();
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Needs.FindProgram("dotnet") ?? "dotnet";
        return new OperatorProcess(Command.Start(dotnet,
        [
            Path.Combine(AppContext.BaseDirectory, "Mesh.Operator.dll"), "--kubeconfig", kubeconfig, "--identity", identity, "--lease-duration", "6", "--log-level", "debug",
            "--webhook-url", webhookUrl?.ToString() ?? $"https://127.0.0.1:{port}", "--webhook-port", port.ToString(), "--webhooks", webhooks ? "true" : "false",
            "--metrics-port", FreePort.Find().ToString(), "--control-port", FreePort.Find().ToString(), .. more,
        ]));
    }

    public Task SaysAsync(string text) =>
        Eventually.True(() => _lines.Any(l => l.Contains(text, StringComparison.Ordinal)), $"the operator says \"{text}\"; it said:\n{Log}");

    /// <summary>SIGKILL: nothing of its own can be cleaned up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Command.Must("kill", "-TERM", _process.Id.ToString());
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
