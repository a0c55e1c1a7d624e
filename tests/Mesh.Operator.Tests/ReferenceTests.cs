using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>What the reference says of flags and metrics is what there is, no more and no less.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Every_flag_stands_in_the_reference_with_its_default()
    {
        var rows = Rows("operator.md", "`--");
        var flags = OperatorCommand.Create().Options.Where(option => option.Name is not ("--help" or "--version")).ToList();
        Assert.Equal(flags.Select(flag => flag.Name).Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach (var flag in flags.Where(flag => flag.Name != "--identity"))
            Assert.Equal((flag.Name, flag.GetDefaultValue()?.ToString()?.ToLowerInvariant() ?? ""), (flag.Name, rows[flag.Name][0]));
    }

    [Fact]
    public void Every_metric_stands_in_the_reference_with_its_kind()
    {
        var found = new Dictionary<string, string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("mesh_operator", StringComparison.Ordinal)) found[$"{instrument.Meter.Name}_{instrument.Name}"] = KindOf(instrument);
        };
        RuntimeHelpers.RunClassConstructor(typeof(OperatorMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(RuntimeMetrics).TypeHandle);
        listener.Start();
        var rows = Rows("metrics.md", "`mesh_");
        Assert.Equal(found.OrderBy(one => one.Key, StringComparer.Ordinal), rows.Select(row => KeyValuePair.Create(row.Key, row.Value[0])).OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        var name when name.StartsWith("Counter", StringComparison.Ordinal) => "counter",
        var name when name.StartsWith("Histogram", StringComparison.Ordinal) => "histogram",
        _ => "gauge",
    };

    /// <summary>The rows of a page's table whose first cell begins so: what it names, and the other cells.</summary>
    private static Dictionary<string, string[]> Rows(string page, string first) =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", "reference", page))
            .Where(line => line.StartsWith("| " + first, StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[0].Trim('`'), cells => cells[1..]);
}
