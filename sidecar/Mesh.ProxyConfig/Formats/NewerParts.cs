using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Config.Formats;

/// <summary>Finds in some JSON what came after the first format.</summary>
internal sealed class NewerParts(JsonSerializerOptions options, IReadOnlyDictionary<Type, Action<JsonObject, string>> refusals)
{
    private readonly List<Part> found = [];

    /// <summary>All that was found; the deepest last, so that each can still be taken away after those before it.</summary>
    public IReadOnlyList<Part> Found => found;

    public void Look(JsonNode? node, Type type) => Look(node, type, new Place("", "", null));

    private void Look(JsonNode? node, Type type, Place at)
    {
        var shape = options.GetTypeInfo(type);
        switch (node)
        {
            case JsonObject record when shape.Kind == JsonTypeInfoKind.Object:
                LookInto(record, shape, at);
                break;
            case JsonObject map when shape.ElementType is { } value:
                foreach (var (key, held) in map.ToList()) LookAt(held, value, at with { Path = $"{at.Path}.{key}" }, () => map.Remove(key));
                break;
            case JsonArray list when shape.ElementType is { } element:
                for (var i = 0; i < list.Count; i++)
                {
                    var held = list[i];
                    LookAt(held, element, at with { Path = $"{at.Path}[{i}]" }, () => list.Remove(held));
                }

                break;
        }
    }

    private void LookInto(JsonObject record, JsonTypeInfo shape, Place at)
    {
        if (refusals.TryGetValue(shape.Type, out var refuse)) at = at with { Refuse = why => refuse(record, why) };
        if (record["origin"] is JsonValue origin && origin.TryGetValue<string>(out var rule) && rule.Length > 0) at = at with { Origin = rule };
        foreach (var member in shape.Properties)
        {
            if (!record.TryGetPropertyValue(member.Name, out var held)) continue;
            var inside = at with { Path = at.Path.Length == 0 ? member.Name : $"{at.Path}.{member.Name}" };
            // What is in a member that goes goes with it.
            if (FormatRules.SinceOf(member) is { } since) Add(since, inside, () => record.Remove(member.Name));
            else LookAt(held, member.PropertyType, inside, () => record.Remove(member.Name));
        }
    }

    private void LookAt(JsonNode? held, Type type, Place at, Action remove)
    {
        if (held is JsonValue value && value.TryGetValue<string>(out var word) && FormatRules.WordsOf(type).TryGetValue(word, out var since)) Add(since, at, remove);
        else Look(held, type, at);
    }

    private void Add(SinceAttribute since, Place at, Action remove) => found.Add(new Part(since, at.Path, at.Origin, remove, at.Refuse));

    internal sealed record Part(SinceAttribute Since, string Path, string Origin, Action Remove, Action<string>? Refuse);

    private readonly record struct Place(string Path, string Origin, Action<string>? Refuse);
}
