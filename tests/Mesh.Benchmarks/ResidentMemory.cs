using System.Globalization;

namespace Mesh.Benchmarks;

/// <summary>What the kernel says of a process's memory.</summary>
public static class ResidentMemory
{
    /// <summary>Resident now (VmRSS), and the most there was (VmHWM), in bytes.</summary>
    public static (long Now, long Most) Of(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/status");
        return (Kilobytes("VmRSS:") * 1024, Kilobytes("VmHWM:") * 1024);

        long Kilobytes(string field) => long.Parse(
            lines.First(line => line.StartsWith(field, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
