using System.Text.Json;

namespace Mesh.Cli.Tests;

public sealed class ValidateTests
{
    private const string Fine = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: fine, namespace: shop}, spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}}";

    private const string Wrong = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: wrong, namespace: shop}, spec: {hosts: [reviews], http: [{retries: {attempts: 2, retryOn: sometimes}, route: [{destination: {host: reviews}}]}]}}";

    [Fact]
    public async Task What_is_wrong_is_told_with_all_members_and_exits_with_1()
    {
        var (code, output, error) = await RunAsync($"{Fine}\n---\n{Wrong}", "validate", "-f", "-", "-o", "json");

        Assert.Equal(ExitCodes.Findings, code);
        Assert.Empty(error);
        using var array = JsonDocument.Parse(output);
        var finding = Assert.Single(array.RootElement.EnumerateArray());
        Assert.Equal(["severity", "code", "resource", "path", "value", "message", "remedy"], finding.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("error", "IST0106", "VirtualService shop/wrong", "spec.http[0].retries.retryOn", "sometimes"),
            (Text(finding, "severity"), Text(finding, "code"), Text(finding, "resource"), Text(finding, "path"), Text(finding, "value")));
    }

    [Fact]
    public async Task What_is_fine_exits_with_0()
    {
        var (code, output, _) = await RunAsync(Fine, "validate", "-f", "-", "-o", "json");

        Assert.Equal((ExitCodes.Fine, "[]"), (code, output.Trim()));
    }

    [Fact]
    public async Task A_broken_document_names_file_and_line_and_hides_nothing()
    {
        var (code, output, error) = await RunAsync($"{Fine}\n---\na: [b\n---\n{Wrong}", "validate", "-f", "-");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("sometimes", output, StringComparison.Ordinal);
        Assert.Contains("-:4:", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_nobody_knows_is_a_warning_and_kubernetes_own_are_none()
    {
        var (code, output, _) = await RunAsync("{apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}}", "validate", "-f", "-", "-o", "json");

        Assert.Equal(ExitCodes.Fine, code);
        using var array = JsonDocument.Parse(output);
        Assert.Equal(("warning", "MESH0005"), (Text(Assert.Single(array.RootElement.EnumerateArray()), "severity"), Text(array.RootElement[0], "code")));
    }

    [Theory]
    [InlineData("hosts: [a]\n  hosts: [reviews]")]
    [InlineData("hosts: [a]\r\n  hosts: [reviews]")]
    public async Task A_key_given_twice_is_an_error_with_its_line(string hosts)
    {
        var (code, output, _) = await RunAsync($"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: a}}\nspec:\n  {hosts}\n  http: [{{route: [{{destination: {{host: a}}}}]}}]\n", "validate", "-f", "-");

        Assert.Equal(ExitCodes.Findings, code);
        Assert.Contains("-:6", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_anchors_and_empty_documents_are_read()
    {
        var (code, output, error) = await RunAsync($"# nothing\n---\n---\napiVersion: v1\nkind: List\nitems:\n- {Fine}\n- {Wrong}\n---\nspec: &spec {{hosts: [a], http: [{{route: [{{destination: {{host: a}}}}]}}]}}\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: b, annotations: {{}}}}\n", "validate", "-f", "-");

        Assert.Empty(error);
        Assert.Equal(ExitCodes.Findings, code);
        Assert.Contains("1 error in 3 objects", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_act_is_a_warning_as_at_admission()
    {
        var (code, output, _) = await RunAsync("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: edge}, spec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}}", "validate", "-f", "-");

        Assert.Equal(ExitCodes.Fine, code);
        Assert.Contains("MESH0006", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_mesh_and_of_pods_are_judged_where_they_stand()
    {
        var (code, output, _) = await RunAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: mesh, namespace: mesh-system}, data: {mesh: 'trustDomian: a'}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {annotations: {proxy.istio.io/config: 'concurrency: many'}}}}}", "validate", "-f", "-");

        Assert.Equal(ExitCodes.Findings, code);
        Assert.Contains("data.mesh.trustDomian", output, StringComparison.Ordinal);
        Assert.Contains("spec.template.metadata.annotations[proxy.istio.io/config].concurrency", output, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement finding, string member) => finding.GetProperty(member).GetString();

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await MeshCommand.RunAsync(words, output, error, new StringReader(input));
        return (code, output.ToString(), error.ToString());
    }
}
