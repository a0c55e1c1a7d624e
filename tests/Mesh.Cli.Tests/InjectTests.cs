namespace Mesh.Cli.Tests;

public sealed class InjectTests
{
    private const string Service = "# whom it serves\napiVersion: v1\nkind: Service\nmetadata: {name: web}   # a comment\n";

    private const string Deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: {containers: [{name: web, image: web}]}}}\n";

    [Fact]
    public async Task Pods_get_the_sidecar_and_all_other_documents_stay_to_the_letter()
    {
        var (code, output, error) = await RunAsync($"{Service}---\n{Deployment}---\n{Service}", "inject", "-f", "-");

        Assert.Equal((ExitCodes.Fine, ""), (code, error));
        var documents = output.Split("---\n");
        Assert.Equal([Service, Service], [documents[0], documents[2]]);
        Assert.Contains("name: mesh-proxy", documents[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_output_comes_out_as_it_went_in()
    {
        var once = (await RunAsync($"{Service}---\n{Deployment}", "inject", "-f", "-")).Output;
        var (code, twice, _) = await RunAsync(once, "inject", "-f", "-");

        Assert.Equal((ExitCodes.Fine, once), (code, twice));
    }

    [Fact]
    public async Task Images_and_levels_are_given_by_options()
    {
        var (_, output, _) = await RunAsync(Deployment, "inject", "-f", "-", "--init-image", "own/init:1", "--sidecar-image", "own/sidecar:2", "--image-pull-policy", "Never", "--proxy-log-level", "debug");

        Assert.Contains("image: own/init:1", output, StringComparison.Ordinal);
        Assert.Contains("image: own/sidecar:2", output, StringComparison.Ordinal);
        Assert.Contains("imagePullPolicy: Never", output, StringComparison.Ordinal);
        Assert.Contains("value: debug", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_have_a_sidecar_is_told_and_nothing_is_written()
    {
        var (code, output, error) = await RunAsync($"{Service}---\n{Deployment.Replace("{name: web, image: web}", "{name: istio-proxy}", StringComparison.Ordinal)}", "inject", "-f", "-");

        Assert.Equal((ExitCodes.Findings, ""), (code, output));
        Assert.StartsWith("mesh: Deployment/shop/web: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [b\n", "line 1")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: a, name: b}\nspec: {containers: [{name: a}]}\n", "given twice")]
    public async Task What_cannot_be_read_exits_with_2_and_nothing_is_written(string text, string problem)
    {
        var (code, output, error) = await RunAsync(text, "inject", "-f", "-");

        Assert.Equal((ExitCodes.Usage, ""), (code, output));
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await RunAsync("", "inject", "-f", "/no/such/file")).Code);
    }

    [Fact]
    public async Task The_namespaces_labels_among_the_files_count()
    {
        const string Namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}\n";
        var (code, _, error) = await RunAsync($"{Deployment}---\n{Namespace}", "inject", "-f", "-");

        Assert.Equal(ExitCodes.Findings, code);
        Assert.Contains("pod-security.kubernetes.io/enforce", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await MeshCommand.RunAsync(args, output, error, new StringReader(input));
        return (code, output.ToString(), error.ToString());
    }
}
