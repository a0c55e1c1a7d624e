using System.CommandLine;
using System.Net;
using System.Text.Json;
using Mesh.Config;
using Mesh.Local;
using Mesh.Local.Node;
using Mesh.Local.Node.Linux;

namespace Mesh.Cli.Commands;

/// <summary>`mesh config POD`: the config its sidecar obeys now, as JSON, asked of the sidecar itself.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(TextWriter output, TextWriter error)
    {
        var name = CommonOptions.Name();
        var ns = CommonOptions.Namespace();
        var endpoints = new Option<bool>("--endpoints") { Description = "The endpoints and their health instead" };
        var format = CommonOptions.Output();
        var pod = new Argument<string>("pod") { Description = "NAME, pod/NAME or deploy/NAME" };
        var command = new Command("config", "Print the config a pod's sidecar obeys (JSON)") { name, ns, endpoints, format, pod };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            CommonOptions.Running(paths);
            var containers = new RunningContainers(Path.Combine(paths.Node, "running"));
            var found = containers.Pod(result.GetValue(ns)!, result.GetValue(pod)!);
            var any = containers.Any(result.GetValue(ns)!, found);
            using var network = NetworkNamespace.Open($"/proc/{any.Pid}/ns/net");
            try
            {
                await output.WriteLineAsync(await AskAsync(network, result.GetValue(endpoints) ? "endpoints" : "config", cancellation));
                return ExitCodes.Fine;
            }
            catch (HttpRequestException e)
            {
                await error.WriteLineAsync($"mesh: pod {found} has no sidecar that answers: {e.Message}");
                return ExitCodes.Findings;
            }
        });
        return command;
    }

    private static async Task<string> AskAsync(NetworkNamespace network, string page, CancellationToken cancellation)
    {
        var sockets = new NamespaceSockets(network);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) => await sockets.DialAsync(new IPEndPoint(IPAddress.Loopback, WellKnown.AdminPort), token),
            UseProxy = false,
        });
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{WellKnown.AdminPort}/{page}"), cancellation);
        using var document = JsonDocument.Parse(text);
        return JsonSerializer.Serialize(document.RootElement, Indented);
    }
}
