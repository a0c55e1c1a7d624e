using System.Text.Json;
using k8s.Models;
using Mesh.Cli.Clusters;

namespace Mesh.Cli.Tests.Clusters;

public sealed class ClusterCommandsTests(ProxiedCluster cluster) : IClassFixture<ProxiedCluster>
{
    [Fact]
    public async Task Status_asks_the_sidecars_of_any_cluster_through_its_API_server()
    {
        var (code, output, error) = await RunAsync("status", "-n", "shop", "-o", "json");
        Assert.True(code == ExitCodes.Fine, error);
        var rows = Rows(output);
        Assert.Equal(["web-1", "web-2"], rows.Select(row => row.GetProperty("pod").GetString()));
        Assert.All(rows, row => Assert.Equal((7, 7, true), (row.GetProperty("held").GetInt64(), row.GetProperty("wanted").GetInt64(), row.GetProperty("inSync").GetBoolean())));
    }

    [Fact]
    public async Task A_pod_that_does_not_answer_is_a_row_that_says_why()
    {
        using var any = KubernetesCluster.Open(null, null, cluster.Kubeconfig);
        var readings = await new ProxyReader(any) { Patience = TimeSpan.FromSeconds(1) }.ReadAsync(new PodScope(null, null, null), TestContext.Current.CancellationToken);
        Assert.Equal(["gone-1", "mute-1", "web-1", "web-2"], readings.Proxies.Select(reading => reading.Pod.Metadata.Name));
        Assert.Equal("no answer from the proxy: error forwarding port 15020 to pod gone-1: connection refused", readings.Proxies[0].Silence);
        Assert.Equal("no answer from the proxy within 1 s", readings.Proxies[1].Silence);
        Assert.Equal("bank/plain-1", readings.PodsByAddress["10.9.0.5"]);
    }

    [Theory]
    [InlineData("web-2", "web-2")]
    [InlineData("pod/web-1", "web-1")]
    [InlineData("deploy/web", "web-1 web-2")]
    [InlineData("-l app=web", "web-1 web-2")]
    [InlineData("-n bank -l app=plain", "")]
    public async Task Status_and_certs_are_bounded_by_namespace_labels_or_name(string words, string pods)
    {
        foreach (var command in new[] { "status", "certs" })
        {
            var (_, output, _) = await RunAsync([command, "-o", "json", .. words.Split(' ')]);
            Assert.Equal(pods, string.Join(' ', Rows(output).Select(row => row.GetProperty("pod").GetString())));
        }
    }

    [Theory]
    [InlineData("there is no pod web-9 in namespace shop", "status", "web-9")]
    [InlineData("there is no Deployment web in namespace bank", "config", "deploy/web", "-n", "bank")]
    [InlineData("only pods (NAME or pod/NAME) and Deployments", "status", "svc/web")]
    public async Task What_is_named_and_does_not_exist_is_told(string expected, params string[] words)
    {
        var (code, _, error) = await RunAsync(words);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_reads_a_port_that_listens_on_the_pods_loopback_alone()
    {
        var (code, output, error) = await RunAsync("config", "deploy/web");
        Assert.True(code == ExitCodes.Fine, error);
        using var config = JsonDocument.Parse(output);
        Assert.Equal(15000, config.RootElement.GetProperty("manifest").GetProperty("port").GetInt32());
        Assert.Equal(200_000, config.RootElement.GetProperty("long").GetString()!.Length);
        Assert.Contains("connection refused", (await RunAsync("config", "gone-1", "-n", "bank")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_named_with_verb_resource_and_namespace()
    {
        var nothing = await cluster.KubeconfigOfAsync("nobody");
        var (code, _, error) = await AsAsync(nothing, "status", "-n", "shop");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"", error, StringComparison.Ordinal);

        var reads = await cluster.KubeconfigOfAsync("reader", new V1PolicyRule { ApiGroups = [""], Resources = ["pods", "configmaps"], Verbs = ["get", "list"] });
        (code, var output, _) = await AsAsync(reads, "status", "-n", "shop", "-o", "json");
        Assert.Equal(ExitCodes.Findings, code);
        Assert.All(Rows(output), row => Assert.Contains("not allowed to get and create pods/portforward in namespace shop", row.GetProperty("why").GetString(), StringComparison.Ordinal));

        var forwards = await cluster.KubeconfigOfAsync(
            "forwarder", new V1PolicyRule { ApiGroups = [""], Resources = ["pods", "configmaps"], Verbs = ["get", "list"] }, new V1PolicyRule { ApiGroups = [""], Resources = ["pods/portforward"], Verbs = ["get", "create"] });
        Assert.Equal(ExitCodes.Fine, (await AsAsync(forwards, "status", "-n", "shop")).Code);
    }

    [Fact]
    public async Task A_kubeconfig_or_context_that_is_not_there_is_told()
    {
        var (code, _, error) = await AsAsync("/no/such/kubeconfig", "status");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("/no/such/kubeconfig", error, StringComparison.Ordinal);
        Assert.Contains("no-such-context", (await RunAsync("status", "--context", "no-such-context")).Error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("status", "--name", "default");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("give the one or the others", error, StringComparison.Ordinal);
    }

    private static List<JsonElement> Rows(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.Clone().EnumerateArray()];
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] words) => AsAsync(cluster.Kubeconfig, words);

    private static async Task<(int Code, string Output, string Error)> AsAsync(string kubeconfig, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await MeshCommand.RunAsync([.. words, "--kubeconfig", kubeconfig], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
