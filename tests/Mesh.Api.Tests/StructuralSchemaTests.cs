using System.Text.Json.Nodes;
using Mesh.Api.Generator;

namespace Mesh.Api.Tests;

/// <summary>What a Kubernetes API server demands of a CRD before it takes it.</summary>
public sealed class StructuralSchemaTests
{
    private static readonly string[] Junctors = ["allOf", "anyOf", "oneOf"];

    public static TheoryData<string> Crds => [.. GeneratedFiles.All().Select(f => f.Path).Where(p => p.StartsWith("crds/", StringComparison.Ordinal) && !p.EndsWith("kustomization.yaml", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Crds))]
    public void Every_node_has_a_type_and_conditions_only_constrain(string path)
    {
        foreach (var (place, node) in Nodes(path))
        {
            Assert.True(node.ContainsKey("type") || node["x-kubernetes-int-or-string"] is not null, $"{place} has no type");
            Assert.False(node.ContainsKey("properties") && node.ContainsKey("additionalProperties"), $"{place} is an object and a map");
            foreach (var condition in Junctors.SelectMany(j => node[j]?.AsArray() ?? []))
            {
                // The one exception is the pair of types that stands for a number or a text.
                if (node["x-kubernetes-int-or-string"] is null)
                    Assert.All(Keywords(condition!), k => Assert.Contains(k, new[] { "required", "not", "anyOf", "oneOf", "allOf" }));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Crds))]
    public void A_list_that_is_a_map_requires_its_key(string path)
    {
        foreach (var (place, node) in Nodes(path).Where(n => n.Node["x-kubernetes-list-type"] is not null))
        {
            foreach (var key in node["x-kubernetes-list-map-keys"]!.AsArray())
                Assert.Contains(key!.GetValue<string>(), node["items"]!["required"]!.AsArray().Select(r => r!.GetValue<string>()));
            Assert.NotEmpty(place);
        }
    }

    // The estimated cost of a rule is multiplied by each list around it; past a limit the server refuses the whole CRD. One
    // list with a bound is affordable.
    [Theory]
    [MemberData(nameof(Crds))]
    public void Rules_in_cel_stand_where_they_are_cheap(string path)
    {
        foreach (var (place, node) in Nodes(path).Where(n => n.Node["x-kubernetes-validations"] is not null))
        {
            var depth = place.Split('[').Length - 1;
            if (place.Contains('[') && !place.Contains("[]", StringComparison.Ordinal))
                depth--;
            foreach (var rule in node["x-kubernetes-validations"]!.AsArray().Select(r => r!["rule"]!.GetValue<string>()))
                Assert.True(depth <= (rule.StartsWith("duration(self)", StringComparison.Ordinal) ? 1 : 0), $"{place}: {rule}");
        }
    }

    private static IEnumerable<(string Place, JsonObject Node)> Nodes(string path)
    {
        var crd = YamlJson.Documents(GeneratedFiles.All().Single(f => f.Path == path).Text).Single();
        return crd["spec"]!["versions"]!.AsArray().SelectMany(v => Below("", v!["schema"]!["openAPIV3Schema"]!.AsObject()));
    }

    private static IEnumerable<(string Place, JsonObject Node)> Below(string place, JsonObject node)
    {
        yield return (place, node);
        var children = (node["properties"]?.AsObject() ?? []).Select(p => ($"{place}.{p.Key}", p.Value!.AsObject()))
            .Concat(node["items"] is JsonObject items ? [($"{place}[{node["maxItems"]}]", items)] : [])
            .Concat(node["additionalProperties"] is JsonObject values ? [($"{place}[]", values)] : []);
        foreach (var (at, child) in children)
        {
            foreach (var below in Below(at, child))
                yield return below;
        }
    }

    private static IEnumerable<string> Keywords(JsonNode condition) => condition switch
    {
        JsonObject map => map.SelectMany(p => Keywords(p.Value!).Prepend(p.Key)),
        JsonArray list => list.SelectMany(v => v is JsonObject ? Keywords(v) : []),
        _ => [],
    };
}
