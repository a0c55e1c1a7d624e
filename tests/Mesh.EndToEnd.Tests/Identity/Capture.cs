using System.Diagnostics;
using System.Text;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>tcpdump on the interface of a pod: everything it says to others and hears from them, but the node's probes and metrics.</summary>
internal sealed class Capture : IDisposable
{
    private readonly Process _process;
    private readonly string _file;

    private Capture(Process process, string file) => (_process, _file) = (process, file);

    /// <summary>Begins; returns when packets are being taken.</summary>
    public static async Task<Capture> OnAsync(string network)
    {
        Needs.Program("tcpdump", "tcpdump");
        var file = Path.GetTempFileName();
        // As root to the end: the file is ours.
        var process = Command.Start("nsenter",
            [$"--net={network}", "--", "tcpdump", "-Z", "root", "-i", "eth0", "-n", "-U", "--immediate-mode", "-s", "0", "-w", file, "tcp and not port 15020 and not port 15021"]);
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null) begun.TrySetResult(false);
            else if (e.Data.Contains("listening on", StringComparison.Ordinal)) begun.TrySetResult(true);
        };
        process.BeginErrorReadLine();
        if (await begun.Task) return new Capture(process, file);
        File.Delete(file);
        throw new InvalidOperationException("tcpdump ended before it began");
    }

    /// <summary>How often the bytes of this text passed in clear.</summary>
    public int Count(string text) => Count(Encoding.ASCII.GetBytes(text));

    /// <summary>How many handshakes of TLS began (record of type 22 with a ClientHello).</summary>
    public int Handshakes()
    {
        var bytes = Read();
        var found = 0;
        for (var i = 0; i + 5 < bytes.Length; i++)
        {
            if (bytes[i] == 0x16 && bytes[i + 1] == 3 && bytes[i + 2] is 1 or 3 && bytes[i + 5] == 1) found++;
        }

        return found;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_file);
    }

    private int Count(byte[] wanted)
    {
        ReadOnlySpan<byte> rest = Read();
        var found = 0;
        for (int at; (at = rest.IndexOf(wanted)) >= 0; rest = rest[(at + wanted.Length)..]) found++;
        return found;
    }

    private byte[] Read()
    {
        using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
