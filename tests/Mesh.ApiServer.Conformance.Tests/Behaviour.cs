using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>
/// What one test has of a server: an administrator's client, a namespace of its own, a name nobody else uses, and what it can
/// ask the server to be able to. What it made outside its namespace is removed after it, so a given cluster stays as it was.
/// </summary>
public abstract class Behaviour(ServerPool servers) : IAsyncLifetime
{
    private readonly List<string> remove = [];
    private ITestServer server = null!;

    /// <summary>Unique, and good as a part of any name.</summary>
    protected string Name { get; } = $"conf-{Guid.NewGuid():N}"[..14];

    protected ApiClient Api { get; private set; } = null!;

    protected string Kubeconfig => server.Kubeconfig;

    protected string Image => server.Image!;

    protected string Core => $"/api/v1/namespaces/{Name}";

    protected string Maps => Core + "/configmaps";

    protected string Deployments => $"/apis/apps/v1/namespaces/{Name}/deployments";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>To be called first.</summary>
    protected async Task OnAsync(ServerKind kind)
    {
        server = await servers.GetAsync(kind);
        Api = ApiClient.Of(server.Kubeconfig);
        await Api.MustAsync("POST", "/api/v1/namespaces", JsonNode.Parse($$$"""{"metadata":{"name":"{{{Name}}}","labels":{"conformance":"{{{Name}}}"} } }"""));
        remove.Add("/api/v1/namespaces/" + Name);
    }

    protected void NeedsControllers() => Needs.Require("cluster", server.RunsControllers, "needs a server whose controllers run");

    protected void NeedsNodes() => Needs.Require("cluster", server.Image is not null, "needs a cluster with nodes");

    /// <summary>The name under which the server finds a webhook on this machine.</summary>
    protected string NeedsWebhooks()
    {
        Needs.Require("cluster", server.WebhookHost is not null, "needs a server that can call webhooks on this machine");
        return server.WebhookHost!;
    }

    /// <summary>Where there are no controllers nobody makes the account that pods run as.</summary>
    protected async Task AccountAsync()
    {
        if (server.RunsControllers)
            await Eventually.True(async () => (await Api.SendAsync("GET", Core + "/serviceaccounts/default")).Status == 200, "the namespace has its account");
        else
            await Api.SendAsync("POST", Core + "/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"default"}}"""));
    }

    protected void RemoveAfterwards(string path) => remove.Add(path);

    /// <summary>Runs kubectl in the test's namespace, whatever comes of it.</summary>
    protected CommandResult TryKubectl(string arguments, string? input = null) =>
        Command.Run(Needs.Program("kubectl", "kubectl, 1.27 or later"), ["--kubeconfig", Kubeconfig, "-n", Name, .. arguments.Split(' ')], input,
            new Dictionary<string, string> { ["HOME"] = Path.GetTempPath() }, TimeSpan.FromSeconds(60));

    protected string Kubectl(string arguments, string? input = null)
    {
        var run = TryKubectl(arguments, input);
        Assert.True(run.ExitCode == 0, $"kubectl {arguments}: {run.Error}{run.Output}");
        return run.Output;
    }

    protected static JsonObject Map(string name, string value = "v", string? app = null)
    {
        var map = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["k"] = value } };
        if (app is not null) map["metadata"]!["labels"] = new JsonObject { ["app"] = app };
        return map;
    }

    protected static IEnumerable<string> NamesOf(JsonNode list) => list["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString());

    protected static long Revision(JsonNode found) => long.Parse(found["metadata"]!["resourceVersion"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Api is null) return;
        foreach (var path in Enumerable.Reverse(remove)) await Api.SendAsync("DELETE", path);
        Api.Dispose();
    }
}
