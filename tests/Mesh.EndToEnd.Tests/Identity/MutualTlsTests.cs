using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>Between meshed pods everything is mutual TLS, and nobody asked for it.</summary>
[Collection(MeshCollection.Name)]
public sealed class MutualTlsTests(RunningMesh running)
{
    [Fact]
    public async Task Every_hop_of_bookinfo_is_mutual_TLS_without_a_rule()
    {
        var mesh = (await running.Identity()).Mesh;
        string[] pods = [mesh.Pod("productpage"), mesh.Pod("details"), mesh.Pod("reviews", "v2"), mesh.Pod("reviews", "v3"), mesh.Pod("ratings")];
        var captures = new List<Capture>();
        try
        {
            foreach (var pod in pods) captures.Add(await Capture.OnAsync(mesh.NetworkOf(pod)));
            for (var i = 0; i < 12; i++)
            {
                // From inside the pod: what comes from this machine is no pod of the mesh.
                var page = mesh.Exec(pods[0], "productpage", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://localhost:9080/productpage");
                Assert.Equal("200", page.Output.Trim());
            }

            Assert.All(captures, capture =>
            {
                Assert.Equal(0, capture.Count("HTTP/1.1"));
                Assert.Equal(0, capture.Count("GET /"));
                Assert.Equal(0, capture.Count("x-request-id"));
            });
            // That it saw something at all.
            await Eventually.True(() => captures.Sum(capture => capture.Handshakes()) > 0 || captures.Sum(capture => capture.Count("\u0017\u0003\u0003")) > 20, "packets of TLS pass");
        }
        finally
        {
            foreach (var capture in captures) capture.Dispose();
        }
    }

    [Fact]
    public async Task The_server_is_told_who_calls()
    {
        var stage = await running.Identity();
        var head = stage.InCaller("curl", "-s", $"http://server.vault:{IdentityStage.HttpPort}/who").Output;
        Assert.Contains("URI=spiffe://cluster.local/ns/vault/sa/caller", head, StringComparison.Ordinal);
        Assert.Contains("By=spiffe://cluster.local/ns/vault/sa/server", head, StringComparison.Ordinal);
        // What a caller claims about itself is not passed on.
        head = stage.InCaller("curl", "-s", "-H", "x-forwarded-client-cert: URI=spiffe://cluster.local/ns/vault/sa/king", $"http://server.vault:{IdentityStage.HttpPort}/who").Output;
        Assert.DoesNotContain("sa/king", head, StringComparison.Ordinal);
        head = stage.InOutsider("curl", "-s", "-H", "x-forwarded-client-cert: URI=spiffe://cluster.local/ns/vault/sa/king", $"http://server.vault:{IdentityStage.HttpPort}/who").Output;
        Assert.Contains("GET /who", head, StringComparison.Ordinal);
        Assert.DoesNotContain("sa/king", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_reached_inside_mutual_TLS()
    {
        var stage = await running.Identity();
        // Callers of a port that another test has just taken out of DISABLE go back to mutual TLS a moment later.
        using (var settling = await Capture.OnAsync(stage.Mesh.NetworkOf(stage.Server)))
        {
            await Eventually.True(() =>
            {
                IdentityStage.Greeting(stage.InCaller, "server.vault");
                return settling.Handshakes() > 0;
            }, "the caller speaks mutual TLS");
        }

        using var capture = await Capture.OnAsync(stage.Mesh.NetworkOf(stage.Server));
        await Eventually.Is(() => Task.FromResult(IdentityStage.Greeting(stage.InCaller, "server.vault")), said => said == "220 welcome\necho hello\n", "greeting and echo");
        Assert.Equal(0, capture.Count("220 welcome"));
        Assert.Equal("220 welcome\necho hello\n", IdentityStage.Greeting(stage.InOutsider, "server.vault"));
        await Eventually.True(() => capture.Count("220 welcome") > 0, "without a sidecar it is clear text, and the capture sees such");
    }

    [Fact]
    public async Task A_port_that_no_service_names_and_a_pod_called_by_its_address_are_mutual_TLS_or_work_in_clear()
    {
        var stage = await running.Identity();
        var ip = stage.IP(stage.Server);
        Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://{ip}:{IdentityStage.HttpPort}/"));
        Assert.Equal("200", IdentityStage.Code(stage.InCaller, $"http://{ip}:{IdentityStage.UndeclaredPort}/"));
        Assert.Equal("200", IdentityStage.Code(stage.InOutsider, $"http://{ip}:{IdentityStage.UndeclaredPort}/"));
    }

    [Fact]
    public async Task Many_requests_cost_few_handshakes()
    {
        var stage = await running.Identity();
        using var capture = await Capture.OnAsync(stage.Mesh.NetworkOf(stage.Server));
        var run = stage.InCaller("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", $"http://server.vault:{IdentityStage.HttpPort}/?n=[1-200]");
        Assert.Equal(200, run.Output.Split('\n').Count(line => line == "200"));
        Assert.InRange(capture.Handshakes(), 0, 20);
    }
}
