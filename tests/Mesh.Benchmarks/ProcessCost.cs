using System.Globalization;

namespace Mesh.Benchmarks;

/// <summary>What a process and its children have used, read from /proc.</summary>
public sealed record ProcessCost(double CpuSeconds, long MemoryBytes)
{
    private const double TicksPerSecond = 100;

    /// <summary>Of a process and all below it. Memory is proportional: what processes share is counted once.</summary>
    public static ProcessCost Of(int root)
    {
        var cost = new ProcessCost(0, 0);
        foreach (var id in Tree(root))
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                var pss = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
                var kilobytes = long.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
                cost = new ProcessCost(cost.CpuSeconds + (ticks / TicksPerSecond), cost.MemoryBytes + (kilobytes * 1024));
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        return cost;
    }

    private static List<int> Tree(int root)
    {
        var tree = new List<int> { root };
        for (var i = 0; i < tree.Count; i++)
        {
            var children = $"/proc/{tree[i]}/task/{tree[i]}/children";
            if (File.Exists(children))
                tree.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)));
        }
        return tree;
    }
}
