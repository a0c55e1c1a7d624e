namespace Mesh.Init;

/// <summary>What iptables-save printed, table by table.</summary>
public sealed class SavedRules
{
    private readonly Dictionary<string, List<string>> tables = new(StringComparer.Ordinal);

    private SavedRules()
    {
    }

    /// <summary>An untouched namespace.</summary>
    public static SavedRules None { get; } = new();

    /// <summary>Reads it line by line.</summary>
    public static SavedRules Read(IEnumerable<string> lines)
    {
        var saved = new SavedRules();
        List<string>? table = null;
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == '*') saved.tables[line[1..]] = table = [];
            else table?.Add(line);
        }
        return saved;
    }

    /// <summary>Whether there is a rule of anybody.</summary>
    public bool HasRules => tables.Values.Any(lines => lines.Any(line => line.StartsWith("-A ", StringComparison.Ordinal)));

    /// <summary>The lines of one table; none where it is not in use.</summary>
    public IReadOnlyCollection<string> Of(string table) => tables.TryGetValue(table, out var lines) ? lines : [];
}
