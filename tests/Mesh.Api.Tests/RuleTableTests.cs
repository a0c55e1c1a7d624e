using System.Text.Json.Nodes;
using Mesh.Api.Validation;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>The tables in Rules/: each rule with what breaks it.</summary>
public sealed class RuleTableTests
{
    // Every kind has its table.
    private static IEnumerable<string> Kinds => ApiKinds.Table.Select(kind => kind.Kind);

    public static TheoryData<string, string> Rules
    {
        get
        {
            var rules = new TheoryData<string, string>();
            foreach (var kind in Kinds)
            {
                foreach (var rule in Table(kind))
                    rules.Add(kind, rule["rule"]!.GetValue<string>());
            }

            return rules;
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_gives_its_findings(string kind, string rule)
    {
        var entry = Table(kind).Single(r => r["rule"]!.GetValue<string>() == rule);
        var expected = entry["expect"]?.AsArray().Select(e => e!.GetValue<string>()).ToArray() ?? [];
        var document = new JsonObject
        {
            ["apiVersion"] = YamlJson.ApiVersion(kind),
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = entry["namespace"]?.GetValue<string>() ?? "default" },
            ["spec"] = Spec(entry),
        };

        var found = DocumentValidator.Validate(YamlJson.Element(document));

        Assert.Equal(expected, found.Select(f => $"{f.Severity.ToString().ToLowerInvariant()} {f.Code} {f.Path}").ToArray());
        Assert.All(found, f => Assert.True(f.Message.Length > 0 && f.Remedy.Length > 0 && f.Resource == $"{kind}/{document["metadata"]!["namespace"]}/x"));
    }

    [Fact]
    public void Severity_never_grows_down_the_list()
    {
        var document = new JsonObject { ["apiVersion"] = "networking.istio.io/v1", ["kind"] = "DestinationRule", ["spec"] = new JsonObject { ["trafficPolicy"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["simple"] = "LEAST_CONN" }, ["connectionPool"] = new JsonObject() } } };

        var severities = DocumentValidator.Validate(YamlJson.Element(document)).Select(f => f.Severity).ToList();

        Assert.Equal(severities.OrderDescending(), severities);
    }

    private static JsonNode Spec(JsonNode entry)
    {
        if (entry["spec"] is { } spec)
            return spec.DeepClone();
        if (entry["policy"] is { } policy)
            return new JsonObject { ["host"] = "a.b", ["trafficPolicy"] = policy.DeepClone() };
        var http = (entry["http"] ?? entry["route"])!.DeepClone();
        if (entry["route"] is not null)
            http["route"] = new JsonArray(new JsonObject { ["destination"] = new JsonObject { ["host"] = "a" } });
        return new JsonObject { ["hosts"] = new JsonArray("a.b"), ["http"] = new JsonArray(http) };
    }

    private static readonly Dictionary<string, JsonArray> Tables = Kinds.ToDictionary(kind => kind, Read);

    private static IEnumerable<JsonNode> Table(string kind) => Tables[kind]!;

    private static JsonArray Read(string kind) =>
        YamlJson.Documents(File.ReadAllText(Repository.Path($"tests/Mesh.Api.Tests/Rules/{kind.ToLowerInvariant()}.yaml"))).Single().AsArray();
}
