using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>Lays an applied object over the live one.</summary>
internal static class TypedMerge
{
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, StructuralSchema schema)
    {
        if (TypedValue.IsMap(schema, applied) && TypedValue.IsMap(schema, live))
        {
            var result = (JsonObject)live!.DeepClone();
            foreach (var (name, value) in (JsonObject)applied!)
                result[name] = Merge(result[name], value, TypedValue.FieldSchema(schema, name));
            return result;
        }

        return TypedValue.IsItems(schema, applied) && TypedValue.IsItems(schema, live)
            ? Items((JsonArray)live!, (JsonArray)applied!, schema)
            : applied?.DeepClone();
    }

    /// <summary>
    /// Two orders become one: items of both stand in the order of the applied list; an item that only the live list has stays
    /// behind those that stood before it, as far as that goes.
    /// </summary>
    private static JsonArray Items(JsonArray live, JsonArray applied, StructuralSchema schema)
    {
        var left = Named(live, schema);
        var right = Named(applied, schema);
        var (mine, theirs) = (Lookup(left), Lookup(right));
        var shared = new Queue<string>(right.Select(item => item.Step).Where(mine.ContainsKey));
        var done = new HashSet<string>(StringComparer.Ordinal);
        var merged = new JsonArray();
        for (int l = 0, r = 0; l < left.Count || r < right.Count;)
        {
            if (l < left.Count)
            {
                var step = left[l].Step;
                var isShared = theirs.ContainsKey(step);
                if (!isShared)
                {
                    merged.Add(left[l++].Item?.DeepClone());
                    continue;
                }

                // One that was merged before, or is not the next of those both have: its turn was, or comes.
                if (done.Contains(step) || (r < right.Count && step != right[r].Step && shared.TryPeek(out var next) && next != step))
                {
                    l++;
                    continue;
                }
            }

            var (name, item) = right[r++];
            if (l < left.Count && left[l].Step == name)
                l++;
            done.Add(name);
            if (shared.TryPeek(out var expected) && expected == name)
                shared.Dequeue();
            merged.Add(Merge(mine.GetValueOrDefault(name), item, TypedValue.ItemSchema(schema)));
        }

        return merged;
    }

    private static List<(string Step, JsonNode? Item)> Named(JsonArray list, StructuralSchema schema) =>
        [.. list.Select(item => (TypedValue.Step(schema, item), item))];

    private static Dictionary<string, JsonNode?> Lookup(List<(string Step, JsonNode? Item)> items)
    {
        var found = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (step, item) in items)
            found[step] = item;
        return found;
    }
}
