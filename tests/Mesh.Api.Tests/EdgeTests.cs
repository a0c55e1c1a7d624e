using System.Text.Json.Nodes;
using Mesh.Api.Validation;
using Mesh.Testing;

namespace Mesh.Api.Tests;

/// <summary>Edges.yaml: the last value a field takes, and the first it does not.</summary>
public sealed class EdgeTests
{
    private static readonly JsonArray Edges =
        YamlJson.Documents(File.ReadAllText(Repository.Path("tests/Mesh.Api.Tests/Edges.yaml"))).Single().AsArray();

    [Fact]
    public void Each_value_is_taken_or_refused_as_the_table_says()
    {
        var wrong = Edges.SelectMany(edge => Wrong(edge!, "takes").Concat(Wrong(edge!, "refuses"))).ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Only_a_policy_that_decides_has_a_dry_run()
    {
        var taking = ApiKinds.Table.Where(kind => !DocumentValidator.Validate(YamlJson.Element(Dry(kind))).Any(f => f.Path.Contains(MeshLabels.DryRun, StringComparison.Ordinal))).Select(kind => kind.Kind);

        Assert.Equal(["AuthorizationPolicy"], taking);
    }

    private static IEnumerable<string> Wrong(JsonNode edge, string side)
    {
        foreach (var value in edge[side]!.AsArray())
        {
            var kind = edge["kind"]!.GetValue<string>();
            var document = new JsonObject
            {
                ["apiVersion"] = YamlJson.ApiVersion(kind),
                ["kind"] = kind,
                ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = "default" },
                ["spec"] = Filled(edge["spec"], value),
            };
            var errors = DocumentValidator.Validate(YamlJson.Element(document)).Where(finding => finding.Severity == Severity.Error).ToList();
            if (errors.Count > 0 != (side == "refuses"))
                yield return $"{kind} {edge["spec"]!.ToJsonString()} {side} {value?.ToJsonString() ?? "null"}: {string.Join("; ", errors.Select(finding => finding.Message))}";
        }
    }

    private static JsonNode? Filled(JsonNode? node, JsonNode? value) => node switch
    {
        JsonObject map => new JsonObject(map.Select(field => KeyValuePair.Create(field.Key, Filled(field.Value, value)))),
        JsonArray list => new JsonArray([.. list.Select(item => Filled(item, value))]),
        JsonValue text when text.TryGetValue<string>(out var written) && written == "$" => value?.DeepClone(),
        _ => node?.DeepClone(),
    };

    private static JsonObject Dry(ApiKind kind) => new()
    {
        ["apiVersion"] = $"{kind.Group}/{kind.Versions[0]}",
        ["kind"] = kind.Kind,
        ["metadata"] = new JsonObject { ["name"] = "x", ["annotations"] = new JsonObject { [MeshLabels.DryRun] = "true" } },
        ["spec"] = new JsonObject(),
    };
}
