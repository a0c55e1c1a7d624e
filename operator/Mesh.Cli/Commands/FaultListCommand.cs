using System.CommandLine;
using System.Text.Json;
using Mesh.Local;
using Mesh.Local.Faults;
using Spectre.Console;

namespace Mesh.Cli.Commands;

/// <summary>`mesh fault list`: what is broken on purpose now.</summary>
internal static class FaultListCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(Option<string> name, TextWriter output)
    {
        var format = CommonOptions.Output();
        var command = new Command("list", "Show the faults, the paused pods, the lost nodes and whether the operator is off") { format };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            CommonOptions.Running(paths);
            using var client = new FaultClient(paths);
            var state = await client.StateAsync(cancellation);
            if (result.GetValue(format) == "json") await output.WriteLineAsync(JsonSerializer.Serialize(state, Json));
            else Write(state, output);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static void Write(FaultState state, TextWriter output)
    {
        var lost = state.Nodes.Where(n => n.State != "on").ToList();
        if (state.Faults.IsEmpty && state.Paused.IsEmpty && lost.Count == 0 && !state.OperatorIsOff)
        {
            output.WriteLine("Nothing is broken on purpose.");
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // A pipe has no width; a table must not be folded for it.
        if (Console.IsOutputRedirected) console.Profile.Width = 400;
        var table = new Table().Border(TableBorder.None).AddColumns("NAME", "EFFECT", "FROM", "TO", "NAMESPACE");
        foreach (var (fault, from, to) in state.Faults)
            table.AddRow(Markup.Escape(fault.Name), Markup.Escape(fault.Effect()), Markup.Escape(Side(fault.From, from)), Markup.Escape(Side(fault.To, to) + (fault.BothWays ? " and back" : "")), Markup.Escape(fault.Namespace));
        foreach (var pod in state.Paused) table.AddRow("-", "paused", Markup.Escape("pod/" + pod[(pod.IndexOf('/') + 1)..]), "-", Markup.Escape(pod[..pod.IndexOf('/')]));
        foreach (var node in lost) table.AddRow("-", Markup.Escape(node.State), Markup.Escape("node/" + node.Name), "-", "-");
        if (state.OperatorIsOff) table.AddRow("-", "off", "operator", "-", "-");
        console.Write(table);
    }

    private static string Side(string words, int addresses) => addresses switch
    {
        < 0 => words,
        0 => $"{words} (none now)",
        _ => $"{words} ({addresses})",
    };
}
