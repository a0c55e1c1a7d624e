using System.Diagnostics;
using System.Text.Json;
using Mesh.Testing;

namespace Mesh.Benchmarks;

/// <summary>A part of this program, run in a network namespace of its own, where it may have every port and ends with it.</summary>
internal static class NamespacedRun
{
    /// <summary>Starts this program again inside with the word, a file for the result and these; returns what it wrote there.</summary>
    public static async Task<T> RunAsync<T>(string label, string word, params IEnumerable<string> more)
    {
        using var network = NetworkNamespace.Create(label);
        var output = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", network.Name, Environment.ProcessPath!, word, output, .. more]))
                ?? throw new InvalidOperationException("ip netns exec did not start");
            await process.WaitForExitAsync();
            if (process.ExitCode != 0) throw new InvalidOperationException($"the {label} bench ended with {process.ExitCode}");
            return JsonSerializer.Deserialize<T>(await File.ReadAllTextAsync(output))!;
        }
        finally
        {
            File.Delete(output);
        }
    }
}
