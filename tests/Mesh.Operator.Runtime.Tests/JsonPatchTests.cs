using System.Text.Json.Nodes;

namespace Mesh.Operator.Runtime.Tests;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "[]")]
    [InlineData("""{"a":1}""", """{"a":2}""", """[{"op":"replace","path":"/a","value":2}]""")]
    [InlineData("""{"a":1}""", """{"b":2}""", """[{"op":"remove","path":"/a"},{"op":"add","path":"/b","value":2}]""")]
    [InlineData("""{"a":{}}""", """{"a":{"x/y~z":"v"}}""", """[{"op":"add","path":"/a/x~1y~0z","value":"v"}]""")]
    [InlineData("""{"l":[1,2]}""", """{"l":[1,2,3]}""", """[{"op":"replace","path":"/l","value":[1,2,3]}]""")]
    [InlineData("""{"l":[{"name":"u"}]}""", """{"l":[{"name":"i"},{"name":"u"}]}""", """[{"op":"add","path":"/l/0","value":{"name":"i"}}]""")]
    [InlineData("""{"l":[{"name":"u","x":1}]}""", """{"l":[{"name":"i"},{"name":"u","x":2}]}""", """[{"op":"add","path":"/l/0","value":{"name":"i"}},{"op":"replace","path":"/l/1/x","value":2}]""")]
    [InlineData("""{"l":[{"name":"a"},{"name":"b"}]}""", """{"l":[{"name":"b"}]}""", """[{"op":"remove","path":"/l/0"}]""")]
    public void The_patch_names_only_what_differs(string before, string after, string expected) =>
        Assert.Equal(expected, JsonPatch.Between(JsonNode.Parse(before), JsonNode.Parse(after)).ToJsonString());

    [Fact]
    public void Applied_step_by_step_it_gives_the_wanted_value()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var (before, after) = (RandomList(random), RandomList(random));
            var value = before.DeepClone();
            foreach (var step in JsonPatch.Between(before, after)) value = Apply(value, step!.AsObject());
            Assert.True(JsonNode.DeepEquals(after, value), $"{before.ToJsonString()} -> {after.ToJsonString()} gave {value.ToJsonString()}");
        }
    }

    private static JsonArray RandomList(Random random)
    {
        var names = new[] { "a", "b", "c", "d", "e" };
        random.Shuffle(names);
        return [.. names.Take(random.Next(6)).Select(n => (JsonNode)new JsonObject { ["name"] = n, ["v"] = random.Next(2) })];
    }

    private static JsonNode Apply(JsonNode root, JsonObject step)
    {
        var path = step["path"]!.GetValue<string>().Split('/').Skip(1).ToArray();
        if (path.Length == 0) return step["value"]!.DeepClone();
        var parent = root;
        foreach (var part in path[..^1]) parent = parent is JsonArray a ? a[int.Parse(part)]! : parent[part]!;
        var last = path[^1];
        var op = step["op"]!.GetValue<string>();
        if (parent is JsonArray list)
        {
            var at = int.Parse(last);
            if (op is "remove" or "replace") list.RemoveAt(at);
            if (op is "add" or "replace") list.Insert(at, step["value"]?.DeepClone());
        }
        else if (op == "remove")
        {
            parent.AsObject().Remove(last);
        }
        else
        {
            parent[last] = step["value"]?.DeepClone();
        }

        return root;
    }
}
