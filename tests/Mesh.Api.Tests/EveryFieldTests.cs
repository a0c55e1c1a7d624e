using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Mesh.Api.Validation;

namespace Mesh.Api.Tests;

/// <summary>What the schema says of a field the validator says too: found by walking all fields, so none is forgotten.</summary>
public sealed class EveryFieldTests
{
    public static TheoryData<string> Kinds => [.. ApiKinds.Table.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_value_outside_the_choices_is_refused(string kind) =>
        AssertRefused(kind, p => p.GetCustomAttribute<AllowedValuesAttribute>() is not null, JsonValue.Create("ODD"));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_number_below_its_bounds_is_refused(string kind) =>
        AssertRefused(kind, p => p.GetCustomAttribute<RangeAttribute>() is not null, JsonValue.Create(-1));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_that_is_no_duration_is_refused(string kind) =>
        AssertRefused(kind, p => p.PropertyType == typeof(Duration), JsonValue.Create("soon"));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_duration_below_its_least_is_refused(string kind) =>
        AssertRefused(kind, p => p.GetCustomAttribute<AtLeastAttribute>() is not null, JsonValue.Create("1us"));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_value_of_another_type_is_refused(string kind) =>
        Assert.True(AssertRefused(kind, p => p.PropertyType != typeof(System.Text.Json.JsonElement?), new JsonArray(new JsonArray())) >= 3);

    // So that a walk that finds nothing cannot pass for a kind that forbids much.
    [Fact]
    public void The_walk_finds_the_bounds_that_are_there()
    {
        Assert.True(AssertRefused("DestinationRule", p => p.GetCustomAttribute<AllowedValuesAttribute>() is not null, JsonValue.Create("ODD")) >= 5);
        Assert.True(AssertRefused("DestinationRule", p => p.GetCustomAttribute<RangeAttribute>() is not null, JsonValue.Create(-1)) >= 20);
        Assert.True(AssertRefused("VirtualService", p => p.PropertyType == typeof(Duration), JsonValue.Create("soon")) >= 4);
        Assert.True(AssertRefused("DestinationRule", p => p.GetCustomAttribute<AtLeastAttribute>() is not null, JsonValue.Create("1us")) >= 10);
        Assert.True(AssertRefused("VirtualService", _ => true, new JsonArray(new JsonArray())) >= 50);
    }

    private static int AssertRefused(string kind, Func<PropertyInfo, bool> which, JsonNode odd)
    {
        var spec = ApiKinds.All.Single(type => type.Name == "V1" + kind).GetProperty("Spec")!.PropertyType;
        var places = Places(spec, []).Where(p => which(p[^1])).ToList();
        var accepted = places.Where(place =>
        {
            var (document, path) = Document(kind, place, odd);
            return !DocumentValidator.Validate(YamlJson.Element(document)).Any(f => f.Severity == Severity.Error && f.Path.StartsWith(path, StringComparison.Ordinal));
        });
        Assert.Empty(accepted.Select(place => string.Join('.', place.Select(ApiFields.NameOf))));
        return places.Count;
    }

    private static IEnumerable<PropertyInfo[]> Places(Type type, PropertyInfo[] above)
    {
        foreach (var property in ApiFields.Of(type))
        {
            PropertyInfo[] place = [.. above, property];
            yield return place;
            var inner = ApiFields.ListElement(property.PropertyType) ?? ApiFields.MapValue(property.PropertyType) ?? property.PropertyType;
            foreach (var below in ApiFields.IsObject(inner) ? Places(inner, place) : [])
                yield return below;
        }
    }

    // The shortest document that has the field, and the path a finding must name.
    private static (JsonNode Document, string Path) Document(string kind, PropertyInfo[] place, JsonNode odd)
    {
        JsonNode value = odd.DeepClone();
        var path = "";
        foreach (var property in place.Reverse())
        {
            var isLeaf = path.Length == 0;
            var position = isLeaf ? "" : ApiFields.ListElement(property.PropertyType) is not null ? "[0]" : ApiFields.MapValue(property.PropertyType) is not null ? "[key]" : "";
            if (position == "[0]")
                value = new JsonArray(value);
            else if (position == "[key]")
                value = new JsonObject { ["key"] = value };
            path = $".{ApiFields.NameOf(property)}{position}{path}";
            value = new JsonObject { [ApiFields.NameOf(property)] = value };
        }

        var spec = value.AsObject();
        if (kind == "VirtualService" && !spec.ContainsKey("hosts"))
            spec["hosts"] = new JsonArray("a");
        return (new JsonObject { ["apiVersion"] = YamlJson.ApiVersion(kind), ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "x" }, ["spec"] = spec }, "spec" + path);
    }
}
