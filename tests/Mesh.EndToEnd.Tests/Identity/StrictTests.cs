using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>PeerAuthentication by the commands a user has: who is let in, who is not, and what stays well.</summary>
[Collection(MeshCollection.Name)]
public sealed class StrictTests(RunningMesh running)
{
    [Fact]
    public async Task Strict_refuses_clear_text_on_every_way_in_and_lets_the_mesh_and_the_probes_through()
    {
        var stage = await running.Identity();
        var ip = stage.IP(stage.Server);
        stage.Require("default", "{mtls: {mode: STRICT}}");
        await Refused(stage, $"http://server.vault:{IdentityStage.HttpPort}/");
        Assert.Equal("000", IdentityStage.Code(stage.InOutsider, $"http://{ip}:{IdentityStage.HttpPort}/"));
        Assert.Equal("000", IdentityStage.Code(stage.InOutsider, $"http://{ip}:{IdentityStage.UndeclaredPort}/"));
        Assert.Equal("000", IdentityStage.Code(stage.InOutsider, $"http://{ip}:50051/"));
        Assert.Equal("", IdentityStage.Greeting(stage.InOutsider, "server.vault"));
        Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/"));
        Assert.Equal("220 welcome\necho hello\n", IdentityStage.Greeting(stage.InCaller, "server.vault"));

        // A pod that starts under STRICT: startup probe by gRPC, readiness by HTTP, liveness by TCP.
        stage.Mesh.Kubectl("rollout", "restart", "deployment/server", "-n", IdentityStage.Namespace);
        stage.Mesh.Kubectl("rollout", "status", "deployment/server", "-n", IdentityStage.Namespace, "--timeout=90s");
        await Eventually.True(() => IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/") == "200", "the new pod answers the mesh");
        Assert.Equal("000", IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/"));
        var status = stage.Mesh.Get($"pod/{stage.Server}", "-n", IdentityStage.Namespace)["status"]!;
        Assert.All(status["containerStatuses"]!.AsArray(), container => Assert.Equal(0, container!["restartCount"]!.GetValue<int>()));

        stage.Require("default", "{mtls: {mode: PERMISSIVE}}");
        await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/") == "200", "PERMISSIVE lets clear text in");
        Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/"));
    }

    [Fact]
    public async Task A_port_may_be_open_where_its_workload_is_not()
    {
        var stage = await running.Identity();
        stage.Require("server", "{selector: {matchLabels: {app: server}}, mtls: {mode: STRICT}, portLevelMtls: {7000: {mode: PERMISSIVE}}}");
        await Refused(stage, $"http://server.vault:{IdentityStage.HttpPort}/");
        Assert.Equal("220 welcome\necho hello\n", IdentityStage.Greeting(stage.InOutsider, "server.vault"));
        Assert.Equal("220 welcome\necho hello\n", IdentityStage.Greeting(stage.InCaller, "server.vault"));
    }

    [Fact]
    public async Task A_workload_may_be_open_where_its_namespace_is_not()
    {
        var stage = await running.Identity();
        stage.Require("default", "{mtls: {mode: STRICT}}");
        await Refused(stage, $"http://server.vault:{IdentityStage.HttpPort}/");
        stage.Require("server", "{selector: {matchLabels: {app: server}}, mtls: {mode: PERMISSIVE}}");
        await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/") == "200", "the workload's own rule wins");
    }

    [Fact]
    public async Task Strict_for_the_mesh_holds_in_every_namespace_of_it()
    {
        var stage = await running.Identity();
        stage.Require("default", "{mtls: {mode: STRICT}}", "istio-system");
        await Refused(stage, $"http://server.vault:{IdentityStage.HttpPort}/");
        await Refused(stage, "http://details.default:9080/details/0");
        Assert.All(stage.Mesh.Reviews(5), answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
        stage.RemoveRules();
        await Eventually.True(() => IdentityStage.Code(stage.InOutsider, "http://details.default:9080/details/0") == "200", "without the rule clear text is let in again");
    }

    [Fact]
    public async Task Disable_speaks_clear_text_even_within_the_mesh()
    {
        var stage = await running.Identity();
        stage.Require("server", "{selector: {matchLabels: {app: server}}, mtls: {mode: DISABLE}}");
        using var capture = await Capture.OnAsync(stage.Mesh.NetworkOf(stage.Server));
        await Eventually.True(() =>
        {
            Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/spoken-in-clear"));
            return capture.Count("GET /spoken-in-clear") > 0;
        }, "requests of the mesh pass in clear");
    }

    [Fact]
    public async Task Before_strict_is_turned_on_status_names_who_still_speaks_clear_text()
    {
        var stage = await running.Identity();
        Assert.Equal("200", IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/"));
        var address = stage.IP(stage.Outsider, "outside");
        await Eventually.Is(() => Task.FromResult(stage.Mesh.Mesh(["status", "--name", stage.Mesh.Name]).Output),
            said => said.Contains(address, StringComparison.Ordinal) || said.Contains(stage.Outsider, StringComparison.Ordinal), "mesh status names the client", TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_meant_is_refused_with_its_field()
    {
        var mesh = await running.Ready();
        var run = mesh.TryApply("""
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: wrong, namespace: default}
            spec: {mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}}}
            """);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("portLevelMtls", run.Error, StringComparison.Ordinal);
    }

    private static Task Refused(IdentityStage stage, string url) =>
        Eventually.True(() => IdentityStage.Code(stage.InOutsider, url) == "000", $"clear text to {url} is refused");
}
