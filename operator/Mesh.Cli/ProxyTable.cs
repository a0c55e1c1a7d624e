using Spectre.Console;

namespace Mesh.Cli;

/// <summary>A table without frames, never folded for a pipe.</summary>
internal static class ProxyTable
{
    public static void Write(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // A pipe has no width; a table must not be folded for it.
        if (Console.IsOutputRedirected) console.Profile.Width = 400;
        var table = new Table().Border(TableBorder.None).AddColumns(columns);
        foreach (var row in rows) table.AddRow(row);
        console.Write(table);
    }
}
