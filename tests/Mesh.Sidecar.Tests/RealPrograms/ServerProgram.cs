using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.RealPrograms;

/// <summary>Somebody else's server on this machine's loopback, with a directory of its own; both end with the test.</summary>
internal sealed class ServerProgram : IAsyncDisposable
{
    /// <summary>The user that owns no file: databases refuse to run as root.</summary>
    private const int Nobody = 65534;

    private readonly List<string> said = [];
    private Process? process;

    private ServerProgram(DirectoryInfo directory) => Directory = directory;

    public int Port { get; } = FreePort.Find();

    public DirectoryInfo Directory { get; }

    private string Said
    {
        get
        {
            lock (said) return string.Join('\n', said);
        }
    }

    /// <summary>An empty directory anybody may write to, and a port; nothing runs yet.</summary>
    public static ServerProgram Prepare(string label)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory($"mesh-{label}-");
        if (Environment.IsPrivilegedProcess) Command.Must("chown", $"{Nobody}:{Nobody}", directory.FullName);
        return new ServerProgram(directory);
    }

    /// <summary>Runs a program to its end as the server's user.</summary>
    public void Must(string program, params string[] arguments)
    {
        var (name, all) = AsNobody(program, arguments);
        var run = Command.Run(name, all, timeout: TimeSpan.FromMinutes(2));
        Assert.True(run.ExitCode == 0, $"{program}: exit {run.ExitCode}: {run.Error}{run.Output}");
    }

    /// <summary>Starts it and waits until its port is open.</summary>
    public async Task StartAsync(string program, params string[] arguments)
    {
        var (name, all) = AsNobody(program, arguments);
        process = Command.Start(name, all);
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.True(
            async () => process.HasExited ? throw new InvalidOperationException($"{program} ended: {Said}") : await IsOpenAsync(), $"{program} listens", TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false }) process.Kill(entireProcessTree: true);
        if (process is not null) await process.WaitForExitAsync();
        process?.Dispose();
        Directory.Delete(recursive: true);
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (said) said.Add(line);
    }

    private (string Name, IEnumerable<string> Arguments) AsNobody(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups", Needs.FindProgram(program) ?? program, .. arguments])
        : (program, arguments);

    private async Task<bool> IsOpenAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
