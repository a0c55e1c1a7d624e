using System.Text.Json.Nodes;
using Mesh.Local.ApiServer;
using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// What stood before a recording began: which parts of a control plane ran, which namespaces, definitions and objects there
/// were. Namespaces and the definition stand in the file's `requires` and `notes`; objects are in <see cref="RecordedObjects"/>.
/// </summary>
internal sealed class TranscriptSetting(Transcript transcript)
{
    private RunningNode? node;

    /// <summary>For 02 to 08 the controller manager was stopped.</summary>
    public bool Controllers { get; } = string.CompareOrdinal(transcript.Name, "09") >= 0;

    /// <summary>How long what controllers bring about may take; the API server itself has one for definitions.</summary>
    public TimeSpan Settling => Node ? TimeSpan.FromSeconds(10) : Controllers ? TimeSpan.FromSeconds(3)
        : transcript.Name == "07-crd-create-established" ? TimeSpan.FromMilliseconds(400) : TimeSpan.Zero;

    /// <summary>Lists and watches were recorded over seconds of waiting, one of them over minutes of bookmarks.</summary>
    private int Hurry => transcript.Name switch
    {
        "04-watch-list-expired" => 20,
        ['0', '3' or '4', ..] => 4,
        _ => 1,
    };

    public bool LeavesMuchToChance => Controllers || Hurry > 1;

    /// <summary>For 13 scheduler and kubelet ran too.</summary>
    public bool Node { get; } = transcript.Name is "13-failing-pods" or "13-running-pod";

    /// <summary>Makes the node's network and directories; null where the recording had no node.</summary>
    public async Task<RunningNode?> NodeAsync() => node = Node ? await RunningNode.CreateAsync() : null;

    public ApiServerOptions With(ApiServerOptions options) => options with
    {
        Pods = node?.Streams,
        Dial = node?.Dial,
        PublishRootCertificate = Controllers,
        NamespaceDeletionDelay = transcript.Name == "09-namespace" ? TimeSpan.FromSeconds(2) : TimeSpan.Zero,
        CollectGarbage = Controllers,
        Time = Hurry > 1 ? new HurriedTime(Hurry) : options.Time,
    };

    /// <summary>The controllers of the recording, running; null where there were none.</summary>
    public async Task<RunningControllers?> ControllersAsync(ApiServerFixture server) => Controllers ? await RunningControllers.StartAsync(server.Kubeconfig, schedules: Node) : null;

    public async Task PrepareAsync(ApiServerFixture server)
    {
        foreach (var name in transcript.Namespaces)
        {
            await server.CreateNamespaceAsync(name);
            await Eventually.True(async () => (await server.SendAsync("GET", $"/api/v1/namespaces/{name}/serviceaccounts/default")).Status == 200, "the namespace has its account");
        }

        if (transcript.NeedsDefinition || RecordedObjects.NeedDefinition(transcript.Name))
            await server.DefineAsync(Definition());
        foreach (var (method, path, body) in RecordedObjects.Before(transcript.Name))
        {
            var type = method == "PATCH" ? "application/merge-patch+json" : "application/json";
            if (path.EndsWith("customresourcedefinitions", StringComparison.Ordinal))
                await server.DefineAsync(body);
            else
                await server.MustAsync(method, path, body, type);
        }
    }

    /// <summary>Comments of a recording that tell of something done outside the API.</summary>
    public async Task CommentAsync(ApiServerFixture server, string text)
    {
        if (text.Split(' ') is ["kubectl", "exec", var pod, "-c", var container, "--", .. var command] && node is not null)
            await node.ExecAsync(transcript.Namespace, pod, container, command);
        // Compaction alone expires nothing as long as the API server's own cache reaches back; the restart emptied that.
        if (text.Contains("API server restarted", StringComparison.Ordinal))
            server.Server.ForgetHistory();
    }

    /// <summary>What the recorder did not do itself but saw happen: after that restart a controller manager published its ConfigMaps.</summary>
    public async Task BeforeAsync(ApiServerFixture server, JsonObject step)
    {
        if (step["name"]?.ToString().StartsWith("sendInitialEvents with an old resourceVersion", StringComparison.Ordinal) != true)
            return;
        var published = transcript.Steps.Select(one => one["event"]?["object"]).OfType<JsonObject>()
            .Where(item => item["metadata"]?["name"]?.ToString().EndsWith("ca.crt", StringComparison.Ordinal) == true);
        foreach (var item in published)
        {
            await server.MustAsync("POST", $"/api/v1/namespaces/{transcript.Namespace}/configmaps", new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = item["metadata"]!["name"]!.DeepClone(), ["annotations"] = item["metadata"]!["annotations"]!.DeepClone() },
                ["data"] = item["data"]!.DeepClone(),
            });
        }
    }

    public static JsonNode Definition() => Transcript.Read("07-crd-create-established").Steps
        .First(step => step["request"]?["method"]?.GetValue<string>() == "POST"
            && step["response"]!["status"]!.GetValue<int>() == 201
            && step["request"]!["path"]!.GetValue<string>().EndsWith("customresourcedefinitions", StringComparison.Ordinal))["request"]!["body"]!.DeepClone();
}
