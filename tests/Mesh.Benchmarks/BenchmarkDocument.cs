using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Benchmarks;

/// <summary>docs/benchmarks.md: parts between marks, so that one can be measured anew without the others.</summary>
public sealed class BenchmarkDocument(string path)
{
    private const string Head = """
        # Benchmarks

        Written by `make bench`. What matters are the ratios within one run: the absolute numbers are this machine's, and everything
        (load, proxy, server) shares its cores.

        <!-- hop -->
        <!-- /hop -->

        <!-- mtls -->
        <!-- /mtls -->

        <!-- apply -->
        <!-- /apply -->

        <!-- convergence -->
        <!-- /convergence -->

        <!-- operator -->
        <!-- /operator -->

        <!-- api -->
        <!-- /api -->

        <!-- publish -->
        <!-- /publish -->

        <!-- soak -->
        <!-- /soak -->

        """;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    // A machine that had other work to do measures that too; a reader must be able to see it.
    private readonly string _loadBefore = File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>Replaces a part, and prints it.</summary>
    public void Put(string part, string text)
    {
        Console.WriteLine($"\n{text}");
        var stamped = $"<!-- {part} -->\n{text.Trim()}\n\nMeasured {DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC on {Machine()}; load average before: {_loadBefore}.\n<!-- /{part} -->";
        var document = File.Exists(Path) ? File.ReadAllText(Path) : Head;
        // A part that is newer than the file.
        if (!document.Contains($"<!-- {part} -->", StringComparison.Ordinal))
            document = $"{document.TrimEnd()}\n\n<!-- {part} -->\n<!-- /{part} -->\n";
        document = Regex.Replace(document, $"<!-- {part} -->.*?<!-- /{part} -->", _ => stamped, RegexOptions.Singleline);
        File.WriteAllText(Path, document);
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "an unnamed processor";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return $"{Environment.ProcessorCount} cores of {model}, {memory:0} GiB, Linux {Environment.OSVersion.Version.ToString(3)}, .NET {Environment.Version}";
    }
}
