using System.Text.Json;

namespace Mesh.Cli.Tests;

public sealed class AnalyzeTests
{
    private const string Broken = """
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: reviews}, spec: {hosts: [reviews], http: [{route: [{destination: {host: reviws}}]}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: reviews}, spec: {ports: [{name: http, port: 80}], selector: {app: reviews}}}
        ---
        {apiVersion: example.org/v1, kind: Unknown, metadata: {name: other}}
        """;

    [Fact]
    public async Task What_does_not_work_together_is_told_and_exits_with_1()
    {
        var (code, output, error) = await RunAsync(Broken, "analyze", "-f", "-", "-o", "json");
        Assert.Equal(ExitCodes.Findings, code);
        Assert.Empty(error);
        using var array = JsonDocument.Parse(output);
        var finding = Assert.Single(array.RootElement.EnumerateArray());
        Assert.Equal(("IST0101", "VirtualService reviews", "spec.http[0].route[0].destination.host", "reviws"),
            (finding.GetProperty("code").GetString(), finding.GetProperty("resource").GetString(), finding.GetProperty("path").GetString(), finding.GetProperty("value").GetString()));
        Assert.Contains("Did you mean reviews?", finding.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_fine_exits_with_0()
    {
        var (code, output, _) = await RunAsync(Broken.Replace("reviws", "reviews", StringComparison.Ordinal), "analyze", "-f", "-");
        Assert.Equal(ExitCodes.Fine, code);
        Assert.Contains("No problem found in 3 objects.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_exits_with_2_and_the_rest_is_told()
    {
        var (code, output, error) = await RunAsync(Broken + "\n---\na: [b", "analyze", "-f", "-", "-f", "/no/such/file");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("IST0101", output, StringComparison.Ordinal);
        Assert.Contains("/no/such/file", error, StringComparison.Ordinal);
        Assert.Contains("-:", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_without_a_namespace_are_taken_for_those_of_the_one_given()
    {
        var elsewhere = Broken.Replace("reviws", "reviews.shop.svc.cluster.local", StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Findings, (await RunAsync(elsewhere, "analyze", "-f", "-")).Code);
        Assert.Equal(ExitCodes.Fine, (await RunAsync(elsewhere, "analyze", "-n", "shop", "-f", "-")).Code);
    }

    [Fact]
    public async Task A_mesh_that_does_not_run_cannot_be_looked_at()
    {
        var (code, _, error) = await RunAsync("", "analyze", "--name", "none-such");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("mesh up --name none-such", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await MeshCommand.RunAsync(words, output, error, new StringReader(input));
        return (code, output.ToString(), error.ToString());
    }
}
