using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer;
using Mesh.Local.Tests.ApiServer;
using Mesh.Local.Tests.ApiServer.Replay;
using Mesh.Testing;

namespace Mesh.Local.Tests.Kubectl;

/// <summary>One kubectl in a directory of its own, with the files, the editor and the objects that the recorded commands found.</summary>
internal sealed partial class CommandRun : IAsyncDisposable
{
    private const string Namespace = "kns";

    private readonly string directory = Directory.CreateTempSubdirectory("mesh-kubectl-").FullName;
    private readonly ApiServerFixture server;
    private readonly string kubectl;

    private CommandRun(ApiServerFixture server, string kubectl)
    {
        (this.server, this.kubectl) = (server, kubectl);
        server.Server.WriteKubeconfig(Kubeconfig, server.Url, ApiUser.Admin, ns: Namespace);
    }

    private string Kubeconfig => Path.Combine(directory, "kubeconfig");

    public static async Task<CommandRun> StartAsync(ApiServerFixture server, string kubectl)
    {
        var run = new CommandRun(server, kubectl);
        await server.DefineAsync(TranscriptSetting.Definition());
        await server.CreateNamespaceAsync(Namespace);
        await Eventually.True(async () => (await server.SendAsync("GET", $"/api/v1/namespaces/{Namespace}/serviceaccounts/default")).Status == 200, "the namespace is furnished");
        return run;
    }

    public async Task<CommandResult> RunAsync(RecordedCommand command, bool verbose)
    {
        if (command.File is { } file && command.Manifest is { } manifest)
            await File.WriteAllTextAsync(Path.Combine(directory, file), manifest);
        if (command.Line == "kubectl delete vs -l d=1")
            await MakeLabelledAsync();
        var pod = command.Line.Contains("web-", StringComparison.Ordinal) ? await PodAsync() : "";
        var words = command.Words.Select(word => RecordedPod().Replace(word, pod));
        return Command.Run("env", ["-C", directory, kubectl, .. verbose ? ["-v=6"] : Array.Empty<string>(), .. words], environment: new Dictionary<string, string>
        {
            ["KUBECONFIG"] = Kubeconfig,
            ["HOME"] = directory,
            ["KUBE_EDITOR"] = "sed -i s/weight:.*/weight:\\ 6/",
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        }, timeout: TimeSpan.FromSeconds(60));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The name of a pod of today for the recorded one: the oldest that is there.</summary>
    private async Task<string> PodAsync()
    {
        var pods = await Eventually.Is(
            () => server.MustAsync("GET", $"/api/v1/namespaces/{Namespace}/pods"),
            list => list["items"]!.AsArray().Any(pod => pod!["metadata"]!["deletionTimestamp"] is null), "the controllers have made a pod");
        return pods["items"]!.AsArray().Where(pod => pod!["metadata"]!["deletionTimestamp"] is null)
            .OrderBy(pod => (string)pod!["metadata"]!["creationTimestamp"]!, StringComparer.Ordinal).First()!["metadata"]!["name"]!.GetValue<string>();
    }

    [GeneratedRegex("web-[a-z0-9]+-<rand:1>")]
    private static partial Regex RecordedPod();

    private Task MakeLabelledAsync() => server.MustAsync("POST", $"/apis/networking.mesh.example.com/v1/namespaces/{Namespace}/virtualservices",
        JsonNode.Parse("""{"apiVersion":"networking.mesh.example.com/v1","kind":"VirtualService","metadata":{"name":"b","labels":{"d":"1"}},"spec":{"hosts":["b.example.com"]}}"""));
}
