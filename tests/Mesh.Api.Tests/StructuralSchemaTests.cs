using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Api.Generator;

namespace Mesh.Api.Tests;

/// <summary>What a Kubernetes API server demands of a CRD before it takes it.</summary>
public sealed partial class StructuralSchemaTests
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
    // list with a bound is affordable, and rules that only ask what is there may stand within several.
    [Theory]
    [MemberData(nameof(Crds))]
    public void Rules_in_cel_stand_where_they_are_cheap(string path)
    {
        foreach (var (place, node) in Nodes(path).Where(n => n.Node["x-kubernetes-validations"] is not null))
        {
            var bounds = Lists().Matches(place).Select(list => list.Groups["bound"].Value).ToList();
            foreach (var rule in node["x-kubernetes-validations"]!.AsArray().Select(r => r!["rule"]!.GetValue<string>()))
                Assert.True(IsCheap(rule, bounds), $"{place}: {rule}");
        }
    }

    private static bool IsCheap(string rule, List<string> bounds)
    {
        const double Most = 10_000_000;
        const double MostPlacesInARequest = 3_145_728 / 3d;
        var isPlain = !rule.Contains(".all(", StringComparison.Ordinal) && !rule.Contains(".exists", StringComparison.Ordinal) && !rule.Contains("matches", StringComparison.Ordinal);
        // Fields looked at, each with the object it is of, and comparisons.
        var cost = (2 * Regex.Count(rule, "self")) + Regex.Count(rule, "[=!]=");
        var places = bounds.Contains("") ? MostPlacesInARequest : bounds.Aggregate(1d, (product, bound) => product * int.Parse(bound, CultureInfo.InvariantCulture));
        return bounds.Count == 0 || (isPlain && cost * places <= Most) || (bounds.Count == 1 && (bounds[0].Length > 0 || rule.StartsWith("duration(self)", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"\[(?<bound>\d*)\]")]
    private static partial Regex Lists();

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
            .Concat(node["additionalProperties"] is JsonObject values ? [($"{place}[{node["maxProperties"]}]", values)] : []);
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
