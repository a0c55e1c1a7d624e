using System.Text.Encodings.Web;
using System.Text.Json;
using Mesh.Api;
using Spectre.Console;

namespace Mesh.Cli.Files;

/// <summary>Findings for people, and for scripts: a JSON array whose members never change.</summary>
internal static class FindingsOutput
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="findings">All, in the order they shall be told.</param>
    /// <param name="judged">How many objects were looked at.</param>
    /// <param name="asJson">An array and nothing else.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<Finding> findings, int judged, bool asJson, TextWriter output)
    {
        if (asJson) output.WriteLine(JsonSerializer.Serialize(findings.Select(Line), Json));
        else Text(findings, judged, output);
    }

    /// <summary>2 when something could not be read, else 1 when something does not work, else 0.</summary>
    public static int ExitCode(IEnumerable<Finding> findings, bool everythingRead) =>
        !everythingRead ? ExitCodes.Usage : findings.Any(finding => finding.Severity == Severity.Error) ? ExitCodes.Findings : ExitCodes.Fine;

    /// <summary><c>Kind namespace/name</c>.</summary>
    public static string Resource(Finding finding)
    {
        var slash = finding.Resource.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? finding.Resource : $"{finding.Resource[..slash]} {finding.Resource[(slash + 1)..]}";
    }

    private static FindingLine Line(Finding finding) =>
        new(Word(finding.Severity), finding.Code, Resource(finding), finding.Path, finding.Value, finding.Message, finding.Remedy);

    private static void Text(IReadOnlyList<Finding> findings, int judged, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        // A line is folded by the terminal, not by us: a path or a command in it stays in one piece.
        console.Profile.Width = 10_000;
        foreach (var group in findings.GroupBy(Resource))
        {
            console.MarkupLine($"[bold]{Markup.Escape(group.Key)}[/]");
            foreach (var finding in group)
            {
                var place = finding.Path.Length == 0 ? "" : $" {Markup.Escape(finding.Path)}";
                var value = finding.Value is null ? "" : $" \"{Markup.Escape(finding.Value)}\"";
                console.MarkupLine($"  {Colour(finding.Severity)}{Word(finding.Severity),-7}[/] {finding.Code}{place}{value}");
                console.MarkupLine($"          {Markup.Escape(finding.Message)}");
                if (finding.Remedy.Length > 0) console.MarkupLine($"          -> {Markup.Escape(finding.Remedy)}");
            }

            output.WriteLine();
        }

        output.WriteLine(Summary(findings, judged));
    }

    private static string Summary(IReadOnlyList<Finding> findings, int judged)
    {
        var objects = judged == 1 ? "1 object" : $"{judged} objects";
        return findings.Count == 0 ? $"No problem found in {objects}." : $"{Counts(findings)} in {objects}. Codes are explained in docs/reference/findings.md.";
    }

    /// <summary><c>1 error, 2 warnings, 3 notes</c>; kinds of which there are none are left out.</summary>
    public static string Counts(IReadOnlyList<Finding> findings)
    {
        var counts = new[] { (Severity.Error, "error"), (Severity.Warning, "warning"), (Severity.Info, "note") }
            .Select(pair => (Count: findings.Count(finding => finding.Severity == pair.Item1), pair.Item2))
            .Where(pair => pair.Count > 0)
            .Select(pair => pair.Count == 1 ? $"1 {pair.Item2}" : $"{pair.Count} {pair.Item2}s");
        return string.Join(", ", counts);
    }

    private static string Word(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "info",
    };

    private static string Colour(Severity severity) => severity switch
    {
        Severity.Error => "[red]",
        Severity.Warning => "[yellow]",
        _ => "[blue]",
    };

    private sealed record FindingLine(string Severity, string Code, string Resource, string Path, string? Value, string Message, string Remedy);
}
