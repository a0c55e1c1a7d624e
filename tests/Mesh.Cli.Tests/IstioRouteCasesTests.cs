using System.Text.Json.Nodes;
using Mesh.Local;
using Mesh.Testing;

namespace Mesh.Cli.Tests;

/// <summary>Istio's own cases of who speaks for a host, through `mesh route` from end to end.</summary>
public sealed class IstioRouteCasesTests
{
    [Fact]
    public async Task Hosts_lead_to_the_clusters_Istio_says()
    {
        var folder = Needs.Cases("istio-simulation");
        var services = await File.ReadAllTextAsync(Path.Combine(folder, "services.yaml"));
        var cases = YamlDocuments.Read(await File.ReadAllTextAsync(Path.Combine(folder, "sidecar_route_precedence.yaml"))).Documents
            .Select(document => document.Content).OfType<JsonObject>().ToList();
        Assert.NotEmpty(cases);
        var differences = new List<string>();
        var tried = 0;
        foreach (var test in cases)
        {
            foreach (var (host, clusters) in test["expectedHostToClusters"]!.AsObject())
            {
                tried++;
                var expected = clusters is null ? "" : string.Join(' ', clusters.AsArray().Select(cluster => cluster!.ToString()));
                var answered = await Ask(services, test, host);
                if (answered != expected) differences.Add($"{test["_case"]} {host}: {answered} instead of {expected}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} hosts of {cases.Count} cases tried");
        Assert.Empty(differences);
    }

    // A host of its own rules has a name; a bare passthrough has none.
    private static async Task<string> Ask(string services, JsonObject test, string host)
    {
        var objects = string.Join("\n---\n", test["config"]!.AsArray().Select(config => config!.ToJsonString()).Prepend(services));
        var to = host.Contains('*', StringComparison.Ordinal) ? host.Replace("*", "any", StringComparison.Ordinal) : host;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await MeshCommand.RunAsync(["route", "-f", "-", "--from", test["proxyNamespace"]!.ToString(), "--to", $"http://{to}:{test["listenPort"]}/", "-o", "json"], output, error, new StringReader(objects));
        Assert.Equal((0, ""), (code, error.ToString()));
        var answer = JsonNode.Parse(output.ToString())!;
        return answer["outcome"]!.ToString() is "passthrough" or "blackhole" ? "" : string.Join(' ', answer["destinations"]!.AsArray().Select(destination => destination!["cluster"]!.ToString()));
    }
}
