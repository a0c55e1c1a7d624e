using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>What goes on without the operator, and what network policies do to the control port.</summary>
[Collection(MeshCollection.Name)]
public sealed class AwayTests(RunningMesh running)
{
    private const string ControlPort = "15012";

    [Fact]
    public async Task A_sidecar_killed_while_the_operator_is_away_comes_back_with_its_identity()
    {
        var stage = await running.Identity();
        var mesh = stage.Mesh;
        Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/"));
        mesh.Mesh(["fault", "operator", "off", "--name", mesh.Name]);
        try
        {
            foreach (var pod in new[] { stage.Caller, stage.Server })
                foreach (var id in mesh.Processes("Mesh.Sidecar.dll", $"HOSTNAME={pod} ")) ProcessTable.Kill(id);
            using var capture = await Capture.OnAsync(mesh.NetworkOf(stage.Server));
            await Eventually.True(() => IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/again") == "200", "the mesh answers again", TimeSpan.FromSeconds(40));
            Assert.Equal(0, capture.Count("GET /again"));
            Assert.Contains("sa/caller", stage.InCaller("curl", "-s", $"http://server.vault:{IdentityStage.HttpPort}/").Output, StringComparison.Ordinal);
        }
        finally
        {
            mesh.Mesh(["fault", "operator", "on", "--name", mesh.Name]);
        }

        // Its webhooks are back with it.
        await Eventually.True(() => stage.TryRequire("default", "{mtls: {mode: STRICT}}").ExitCode == 0, "the operator is back", TimeSpan.FromSeconds(60));
        await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/") == "000", "the operator is back and its rule holds", TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("OUTPUT", "nobody may dial pods")]
    [InlineData("INPUT", "pods may dial nobody")]
    public async Task Where_one_way_to_the_control_port_is_closed_the_other_is_taken(string chain, string what)
    {
        var stage = await running.Identity();
        var node = stage.Mesh.NodeNetwork;
        LocalMesh.Inside(node, "iptables", "-I", chain, "-p", "tcp", "--dport", ControlPort, "-j", "DROP");
        try
        {
            stage.Mesh.Kubectl("rollout", "restart", "deployment/caller", "-n", IdentityStage.Namespace);
            stage.Mesh.Kubectl("rollout", "status", "deployment/caller", "-n", IdentityStage.Namespace, "--timeout=80s");
            await Eventually.True(() => IdentityStage.Code(stage.InCaller, $"http://server.vault:{IdentityStage.HttpPort}/") == "200", what);
            // Rules still reach everybody.
            stage.Require("default", "{mtls: {mode: STRICT}}");
            await Eventually.True(() => IdentityStage.Code(stage.InOutsider, $"http://server.vault:{IdentityStage.HttpPort}/") == "000", $"{what}, and rules arrive", TimeSpan.FromSeconds(60));
        }
        finally
        {
            LocalMesh.Inside(node, "iptables", "-D", chain, "-p", "tcp", "--dport", ControlPort, "-j", "DROP");
        }
    }

    [Fact]
    public async Task Where_both_ways_are_closed_an_Event_says_which_policy_to_add()
    {
        var stage = await running.Identity();
        var node = stage.Mesh.NodeNetwork;
        foreach (var chain in new[] { "INPUT", "OUTPUT" }) LocalMesh.Inside(node, "iptables", "-I", chain, "-p", "tcp", "--dport", ControlPort, "-j", "DROP");
        try
        {
            stage.Mesh.Kubectl("rollout", "restart", "deployment/caller", "-n", IdentityStage.Namespace);
            await Eventually.Is(() => Task.FromResult(stage.Mesh.Kubectl("get", "events", "-n", IdentityStage.Namespace, "-o", "jsonpath={range .items[*]}{.reason}: {.message}{\"\\n\"}{end}")),
                events => events.Contains("ControlPortUnreachable", StringComparison.Ordinal) && events.Contains("NetworkPolicy", StringComparison.Ordinal) && events.Contains(ControlPort, StringComparison.Ordinal),
                "an Event with the remedy", TimeSpan.FromSeconds(90));
        }
        finally
        {
            foreach (var chain in new[] { "INPUT", "OUTPUT" }) LocalMesh.Inside(node, "iptables", "-D", chain, "-p", "tcp", "--dport", ControlPort, "-j", "DROP");
        }

        stage.Mesh.Kubectl("rollout", "status", "deployment/caller", "-n", IdentityStage.Namespace, "--timeout=80s");
    }
}
