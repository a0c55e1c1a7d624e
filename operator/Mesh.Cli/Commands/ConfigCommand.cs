using System.CommandLine;
using System.Text.Json;
using Mesh.Cli.Clusters;
using Mesh.Config;
using Mesh.Operator.Runtime;

namespace Mesh.Cli.Commands;

/// <summary>`mesh config POD`: the config its sidecar obeys now, as JSON, asked of the sidecar itself.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(TextWriter output, TextWriter error)
    {
        var ns = new Option<string?>("--namespace", "-n") { Description = "Namespace of the pod (default: the context's)" };
        var endpoints = new Option<bool>("--endpoints") { Description = "The endpoints and their health instead" };
        var format = CommonOptions.Output();
        var pod = new Argument<string>("pod") { Description = "NAME, pod/NAME or deploy/NAME" };
        var command = new Command("config", "Print the config a pod's sidecar obeys (JSON)") { ns, endpoints, format, pod };
        var where = ClusterOptions.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var cluster = where.Open(result);
            var scope = new PodScope(result.GetValue(ns) ?? cluster.Namespace, null, result.GetValue(pod));
            // Of a Deployment's pods the first that runs.
            var found = (await scope.PodsAsync(cluster, cancellation)).Where(one => one.Status?.Phase == "Running").OrderBy(one => one.Metadata.Name, StringComparer.Ordinal).FirstOrDefault()
                ?? throw new KeyNotFoundException($"{scope.Words} in namespace {scope.Namespace} has no pod that runs");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            try
            {
                var page = await cluster.AskAsync(EntityKey.Of(found.Metadata), WellKnown.AdminPort, result.GetValue(endpoints) ? "endpoints" : "config", limit.Token);
                using var document = JsonDocument.Parse(page);
                await output.WriteLineAsync(JsonSerializer.Serialize(document.RootElement, Indented));
                return ExitCodes.Fine;
            }
            catch (Exception e) when (e is IOException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                await error.WriteLineAsync($"mesh: pod {found.Metadata.Name} has no sidecar that answers: {(e is OperationCanceledException ? $"nothing came within {Patience.TotalSeconds:0} s" : e.Message)}");
                return ExitCodes.Findings;
            }
        });
        return command;
    }
}
