using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mesh.Api;
using Mesh.Cli.Clusters;
using Mesh.Cli.Files;
using Mesh.Config;
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
        var format = CommonOptions.Output();
        var command = new Command("status", "Show each proxy: its revision, in sync or not and why; its session with the operator; who speaks clear text to it") { format };
        var where = ClusterOptions.AddTo(command);
        var which = PodScope.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var cluster = where.Open(result);
            var scope = which(result, cluster);
            var now = TimeProvider.System.GetUtcNow();
            var states = ProxyStates.Of(await new ProxyReader(cluster).ReadAsync(scope, cancellation), now);
            if (result.GetValue(format) == "json") await output.WriteLineAsync(JsonSerializer.Serialize(states, Json));
            else if (states.IsEmpty) await output.WriteLineAsync(CommonOptions.NoSidecar(scope));
            else Write(states, output, now);
            // Who asks for some pods of a large cluster does not ask for all its objects.
            if (scope.IsAll && result.GetValue(format) != "json") await output.WriteLineAsync(Findings(await AnalyseAsync(cluster, now, cancellation), cluster.Flags));
            var behind = states.Count(s => !s.InSync);
            if (behind > 0) await error.WriteLineAsync($"{behind} of {states.Length} proxies are not in sync");
            return behind == 0 ? ExitCodes.Fine : ExitCodes.Findings;
        });
        return command;
    }

    /// <summary>How much there is to say of the mesh's objects, and where it is said.</summary>
    internal static string Findings(IReadOnlyList<Finding> findings, string flags)
    {
        var command = $"mesh analyze{flags}";
        return findings.Count == 0 ? $"\nNothing is wrong with the objects of the mesh ({command})." : $"\n{FindingsOutput.Counts(findings)} about the objects of the mesh: {command} tells each with its remedy.";
    }

    private static async Task<IReadOnlyList<Finding>> AnalyseAsync(KubernetesCluster cluster, DateTimeOffset now, CancellationToken cancellation)
    {
        var (objects, unlisted) = await ClusterReader.ReadAsync(cluster.Api, cancellation);
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
