using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mesh.Api;
using Mesh.Cli.Files;
using Mesh.Config;
using Mesh.Local;
using Mesh.Operator.Core.Analysis;
using Spectre.Console;

namespace Mesh.Cli.Commands;

/// <summary>
/// `mesh status`: each proxy, the revision it has and whether that is the newest, its session with the operator, and who
/// speaks clear text to it; exit 1 when one is behind.
/// </summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly string[] Columns = ["NAMESPACE", "POD", "REVISION", "WANTED", "IN SYNC", "SESSION", "MTLS", "CLEAR TEXT", "LEFT OUT", "WHY"];

    public static Command Create(TextWriter output, TextWriter error)
    {
        var name = CommonOptions.Name();
        var format = CommonOptions.Output();
        var command = new Command("status", "Show each proxy: its revision, in sync or not and why; its session with the operator; who speaks clear text to it") { name, format };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            var mesh = CommonOptions.Running(paths);
            using var reader = new ProxyReader(paths, mesh);
            var now = TimeProvider.System.GetUtcNow();
            var states = ProxyStates.Of(await reader.ReadAsync(cancellation), now);
            if (result.GetValue(format) == "json") await output.WriteLineAsync(JsonSerializer.Serialize(states, Json));
            else if (states.IsEmpty) await output.WriteLineAsync($"Mesh {paths.Name} runs without any sidecar: no pod is in a namespace labelled istio-injection=enabled.");
            else Write(states, output, now);
            if (result.GetValue(format) != "json") await output.WriteLineAsync(Findings(await AnalyseAsync(paths, now, cancellation), paths));
            var behind = states.Count(s => !s.InSync);
            if (behind > 0) await error.WriteLineAsync($"{behind} of {states.Length} proxies are not in sync");
            return behind == 0 ? ExitCodes.Fine : ExitCodes.Findings;
        });
        return command;
    }

    /// <summary>How much there is to say of the mesh's objects, and where it is said.</summary>
    internal static string Findings(IReadOnlyList<Finding> findings, MeshPaths paths)
    {
        var command = paths.Name == MeshPaths.DefaultName ? "mesh analyze" : $"mesh analyze --name {paths.Name}";
        return findings.Count == 0 ? $"\nNothing is wrong with the objects of the mesh ({command})." : $"\n{FindingsOutput.Counts(findings)} about the objects of the mesh: {command} tells each with its remedy.";
    }

    private static async Task<IReadOnlyList<Finding>> AnalyseAsync(MeshPaths paths, DateTimeOffset now, CancellationToken cancellation)
    {
        var (objects, unlisted) = await ClusterReader.ReadAsync(paths.Name, cancellation);
        return MeshAnalysis.OfCluster(objects, now, unlisted.AsSpan());
    }

    internal static void Write(ImmutableArray<ProxyState> states, TextWriter output, DateTimeOffset now)
    {
        ProxyTable.Write(output, Columns, states.Select(state => new[]
        {
            Markup.Escape(state.Namespace), Markup.Escape(state.Pod),
            state.Held?.ToString(CultureInfo.InvariantCulture) ?? "-", state.Wanted.ToString(CultureInfo.InvariantCulture),
            state.InSync ? "[green]yes[/]" : "[red]no[/]", Markup.Escape(Session(state.Session, now)), Markup.Escape(MutualTls(state)),
            state.ClearTextClients.IsEmpty ? "-" : $"[yellow]{(state.ClearTextClients.Length == 1 ? "1 client" : $"{state.ClearTextClients.Length} clients")}[/]",
            state.LeftOut.IsEmpty ? "-" : $"[yellow]{(state.LeftOut.Length == 1 ? "1 member" : $"{state.LeftOut.Length} members")}[/]",
            Markup.Escape(state.Why),
        }));
        WriteList("In clear text within the last hour (STRICT would refuse them):", states.SelectMany(state => state.ClearTextClients), output);
        WriteList("Left out of balancing:", states.SelectMany(state => state.LeftOut.Select(line => $"by {state.Namespace}/{state.Pod}: {line}")), output);
    }

    private static void WriteList(string title, IEnumerable<string> lines, TextWriter output)
    {
        var all = lines.ToList();
        if (all.Count == 0) return;
        output.WriteLine();
        output.WriteLine(title);
        foreach (var line in all) output.WriteLine($"  {line}");
    }

    internal static string Session(SessionReport? session, DateTimeOffset now) => session switch
    {
        null => "-",
        { Connected: true } => $"by {session.OpenedBy}, {ShortTime.Of(now - session.Since)}",
        { Failure.Length: > 0 } => $"none: {session.Failure}",
        _ => "none yet",
    };

    private static string MutualTls(ProxyState state) =>
        state.MutualTls.Length == 0 ? "-"
        : state.MutualTlsByPort.IsEmpty ? state.MutualTls
        : $"{state.MutualTls} ({string.Join(", ", state.MutualTlsByPort)})";
}
