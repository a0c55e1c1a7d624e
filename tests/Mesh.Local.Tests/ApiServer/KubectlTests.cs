using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>The real kubectl against the server: what a user types and what they see.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync()
    {
        Needs.Program("kubectl", "kubectl, 1.27 or later");
        server = await ApiServerFixture.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task A_defined_kind_is_shown_in_its_columns_explained_waited_for_and_edited()
    {
        await server.DefineAsync(CustomResourceTests.Definition("things", "Thing", JsonNode.Parse(
            """{"type":"object","properties":{"spec":{"type":"object","description":"What is wanted.","properties":{"hosts":{"type":"array","items":{"type":"string"}}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}""")!));
        Kubectl("apply -f -", "---\n{apiVersion: test.example.com/v1, kind: Thing, metadata: {name: a}, spec: {hosts: [x]}}");
        Assert.Matches(@"NAME\s+HOSTS\s+READY\s+a\s+\[""x""\]", Kubectl("get th"));
        Assert.Contains("What is wanted.", Kubectl("explain things.spec"), StringComparison.Ordinal);
        Kubectl("""patch thing a --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");
        Assert.Contains("condition met", Kubectl("wait --for=condition=Ready thing/a --timeout=10s"), StringComparison.Ordinal);
        var edited = Command.Run("kubectl", ["edit", "thing", "a"], environment: Environment("sed -i s/x$/changed/"));
        Assert.True(edited.ExitCode == 0, edited.Error);
        Assert.Contains("- changed", Kubectl("get thing a -o yaml"), StringComparison.Ordinal);
        Assert.Contains("things", Kubectl("api-resources --api-group=test.example.com"), StringComparison.Ordinal);
        var strict = Command.Run("kubectl", ["apply", "-f", "-"], "---\n{apiVersion: test.example.com/v1, kind: Thing, metadata: {name: b}, spec: {nope: 1}}", Environment());
        Assert.Contains("unknown field \"spec.nope\"", strict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_that_speak_protobuf_are_understood()
    {
        Kubectl("create namespace other");
        Kubectl("create serviceaccount robot");
        Kubectl("create secret generic s --from-literal=a=b");
        Kubectl("create deployment d --image=example/app:1 --port=80");
        Kubectl("expose deployment d --port=80");
        Assert.Equal("yes", Kubectl("auth can-i get pods").Trim());
        Assert.Equal(3, Kubectl("create token robot").Split('.').Length);
        Assert.Equal("b", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(Kubectl("get secret s -o jsonpath={.data.a}"))));
    }

    [Fact]
    public void Pods_are_described_in_one_word()
    {
        Kubectl("apply -f -", "---\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {initContainers: [{name: i, image: x}, {name: s, image: x, restartPolicy: Always}], containers: [{name: c, image: x}]}}");
        Assert.Matches(@"p\s+0/2\s+Pending\s+0", Kubectl("get pod p"));
        Status("""{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}""");
        Assert.Matches(@"p\s+0/2\s+Init:0/2\s+0", Kubectl("get pod p"));
        Status("""{"phase":"Running","conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],"initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":0}}},{"name":"s","started":true,"ready":true,"state":{"running":{}}}],"containerStatuses":[{"name":"c","ready":true,"restartCount":3,"state":{"running":{}}}]}""");
        Assert.Matches(@"p\s+2/2\s+Running\s+3", Kubectl("get pod p"));
        Status("""{"containerStatuses":[{"name":"c","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""");
        Assert.Matches(@"p\s+1/2\s+CrashLoopBackOff\s+3", Kubectl("get pod p"));
        Assert.Contains("p", Kubectl("describe pod p"), StringComparison.Ordinal);

        void Status(string status) => Kubectl($"patch pod p --subresource=status --type=merge -p {{\"status\":{status}}}");
    }

    private string Kubectl(string arguments, string? input = null)
    {
        var result = Command.Run("kubectl", arguments.Split(' '), input, Environment(), TimeSpan.FromSeconds(60));
        Assert.True(result.ExitCode == 0, $"kubectl {arguments}: {result.Error}");
        return result.Output;
    }

    private Dictionary<string, string> Environment(string editor = "true") => new()
    {
        ["KUBECONFIG"] = server.Kubeconfig,
        ["KUBE_EDITOR"] = editor,
        ["HOME"] = Path.GetDirectoryName(server.Kubeconfig)!,
    };
}
