using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.Tests.ApiServer.Writes;

/// <summary>Documents that are none, or not what they should be: refused in the words of Kubernetes' decoders.</summary>
public sealed class MalformedBodyTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    [Theory]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("{", "unexpected end of JSON input")]
    [InlineData("{\"a\":1,}", "invalid character '}' looking for beginning of object key string")]
    [InlineData("{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair")]
    [InlineData("[1 2]", "invalid character '2' after array element")]
    [InlineData("{} x", "invalid character 'x' after top-level value")]
    [InlineData("nope", "invalid character 'o' in literal null (expecting 'u')")]
    [InlineData("tru", "unexpected end of JSON input")]
    [InlineData("\"\\q\"", "invalid character 'q' in string escape code")]
    [InlineData("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape")]
    [InlineData("\"\n\"", "invalid character '\\n' in string literal")]
    [InlineData("1.x", "invalid character 'x' after decimal point in numeric literal")]
    [InlineData("1ex", "invalid character 'x' in exponent of numeric literal")]
    [InlineData("-x", "invalid character 'x' in numeric literal")]
    [InlineData("'a'", "invalid character '\\'' looking for beginning of value")]
    [InlineData("{\"a\":[1,2.5e-3,\"\\u00e9\"]}", null)]
    public void What_is_not_JSON_is_told_as_Go_tells_it(string text, string? problem) =>
        Assert.Equal(problem, GoJson.Problem(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("500m", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("0.1", "100m")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1000", "1k")]
    [InlineData("1e3", "1e3")]
    [InlineData("0", "0")]
    [InlineData("+5", "5")]
    [InlineData("1.0000000001", "1000000001n")]
    public void A_quantity_is_kept_in_its_canonical_form(string given, string kept) => Assert.Equal((kept, null), Quantities.Read(given));

    [Theory]
    [InlineData("5x")]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("abc")]
    public void What_is_no_quantity_is_refused(string given) => Assert.Null(Quantities.Read(given).Kept);

    [Fact]
    public async Task A_wrong_type_names_the_Go_field_it_cannot_go_into()
    {
        await using var server = await ApiServerFixture.StartAsync();
        async Task Refused(string path, string body, string message)
        {
            var answer = await server.SendAsync("POST", path, rawBody: body);
            Assert.Equal(400, answer.Status);
            Assert.EndsWith(message, answer.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        await Refused(Deployments, """{"spec":{"replicas":"three"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
        await Refused(Deployments, """{"spec":{"template":{"spec":{"containers":[{"env":[{"value":1}]}]}}}}""", "json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string");
        await Refused(Deployments, """{"spec":{"template":"x"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec");
        await Refused(Deployments, """{"spec":{"replicas":99999999999}}""", "json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32");
        await Refused(Deployments, """{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        await Refused("/apis/coordination.k8s.io/v1/namespaces/default/leases", """{"metadata":{"name":"l"},"spec":{"renewTime":"now"}}""", "parsing time \"now\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"now\" as \"2006\"");
        await Refused(Maps, """{"metadata":"x"}""", "json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta");
        await Refused(Maps, """["x"]""", "(5b2278225d)");
        await Refused(Maps, """{"kind":5}""", "json: cannot unmarshal number into Go struct field .kind of type string ({\"kind\":5})");
        Assert.Empty(server.Faults);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_become_the_replacement_character()
    {
        await using var server = await ApiServerFixture.StartAsync();
        byte[] body = [.. "{\"metadata\":{\"name\":\"bytes\"},\"data\":{\"raw\":\""u8, 0xff, 0xc3, 0x28, .. "\",\"half\":\"\\ud800x\",\"pair\":\"\\ud83d\\ude00\"}}"u8];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await server.Client.PostAsync(new Uri(server.Url, Maps), content);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var data = (await server.MustAsync("GET", Maps + "/bytes"))["data"]!;
        Assert.Equal("\ufffd\ufffd(", data["raw"]!.GetValue<string>());
        Assert.Equal("\ufffdx", data["half"]!.GetValue<string>());
        Assert.Equal("😀", data["pair"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_document_beyond_three_megabytes_is_too_large_and_one_below_is_not()
    {
        await using var server = await ApiServerFixture.StartAsync();
        string Body(int size) => new JsonObject { ["metadata"] = new JsonObject { ["name"] = "large" }, ["data"] = new JsonObject { ["k"] = new string('x', size) } }.ToJsonString();
        var tooLarge = await server.SendAsync("POST", Maps, rawBody: Body(3 * 1024 * 1024));
        Assert.Equal(413, tooLarge.Status);
        Assert.Equal("Request entity too large: limit is 3145728", tooLarge.Json["message"]!.GetValue<string>());
        Assert.Equal(201, (await server.SendAsync("POST", Maps, rawBody: Body(1024 * 1024))).Status);
    }

    [Fact]
    public async Task What_nests_without_end_is_refused_in_every_form()
    {
        await using var server = await ApiServerFixture.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000);
        foreach (var type in (string[])["application/json", "application/yaml"])
            Assert.Equal(400, (await server.SendAsync("POST", Maps, rawBody: deep, contentType: type)).Status);
        foreach (var type in (string[])["application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"])
            Assert.Equal(400, (await server.SendAsync("PATCH", Maps + "/kube-root-ca.crt?fieldManager=x", rawBody: deep, contentType: type)).Status);
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 8).Select(i =>
            $"a{i}: &a{i} [{string.Join(",", Enumerable.Repeat(i == 1 ? "*a" : $"*a{i - 1}", 10))}]\n"));
        Assert.Equal(400, (await server.SendAsync("POST", Maps, rawBody: bomb, contentType: "application/yaml")).Status);
        Assert.Empty(server.Faults);
    }

    [Fact]
    public async Task YAML_is_read_as_version_1_1_has_it()
    {
        await using var server = await ApiServerFixture.StartAsync();
        var refused = await server.SendAsync("POST", Maps, rawBody: "metadata: {name: a}\ndata: {on: yes}\n", contentType: "application/yaml");
        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field ConfigMap.data of type string", refused.Json["message"]!.GetValue<string>());
        var merged = await server.SendAsync(
            "POST", Deployments, contentType: "application/yaml", rawBody: """
                metadata: {name: merged}
                spec:
                  replicas: 010
                  selector: &labels {matchLabels: {app: a}}
                  template:
                    metadata: {labels: {app: a, n: "1_000"}}
                    spec:
                      containers:
                      - &base {name: a, image: i, terminationMessagePath: /x}
                      - {<<: *base, name: b}
                """);
        Assert.Equal(201, merged.Status);
        Assert.Equal(8, merged.Json["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal("/x", merged.Json["spec"]!["template"]!["spec"]!["containers"]![1]!["terminationMessagePath"]!.GetValue<string>());
    }
}
