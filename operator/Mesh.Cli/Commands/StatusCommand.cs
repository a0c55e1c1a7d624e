using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mesh.Local;
using Spectre.Console;

namespace Mesh.Cli.Commands;

/// <summary>`mesh status`: each proxy, the revision it has, and whether that is the newest; exit 1 when one is behind.</summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(TextWriter output, TextWriter error)
    {
        var name = CommonOptions.Name();
        var format = CommonOptions.Output();
        var command = new Command("status", "Show each proxy, the revision it has, in sync or not and why") { name, format };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            var mesh = CommonOptions.Running(paths);
            using var reader = new ProxyStates(paths, mesh);
            var states = await reader.ReadAsync(cancellation);
            if (result.GetValue(format) == "json") await output.WriteLineAsync(JsonSerializer.Serialize(states, Json));
            else if (states.Count == 0) await output.WriteLineAsync($"Mesh {paths.Name} runs without any sidecar: no pod is in a namespace labelled istio-injection=enabled.");
            else Write(states, output);
            var behind = states.Count(s => !s.InSync);
            if (behind > 0) await error.WriteLineAsync($"{behind} of {states.Count} proxies are not in sync");
            return behind == 0 ? ExitCodes.Fine : ExitCodes.Findings;
        });
        return command;
    }

    private static void Write(IReadOnlyList<ProxyState> states, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        // A pipe has no width; a table must not be folded for it.
        if (Console.IsOutputRedirected) console.Profile.Width = 400;
        var table = new Table().Border(TableBorder.None).AddColumns("NAMESPACE", "POD", "REVISION", "WANTED", "IN SYNC", "WHY");
        foreach (var state in states)
        {
            table.AddRow(
                Markup.Escape(state.Namespace), Markup.Escape(state.Pod),
                state.Held?.ToString(CultureInfo.InvariantCulture) ?? "-", state.Wanted.ToString(CultureInfo.InvariantCulture),
                state.InSync ? "[green]yes[/]" : "[red]no[/]", Markup.Escape(state.Why));
        }

        console.Write(table);
    }
}
