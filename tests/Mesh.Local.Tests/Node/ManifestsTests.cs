namespace Mesh.Local.Tests.Node;

public sealed class ManifestsTests
{
    [Fact]
    public void Documents_and_lists_are_taken_apart()
    {
        var found = Manifests.Parse("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a, namespace: x}
            data: {quoted: "1"}
            ---
            # nothing
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Namespace, metadata: {name: b}}
            """, "test").ToList();
        Assert.Equal(["configmap/a", "namespace/b"], found.Select(m => m.ToString()));
        Assert.Equal("x", found[0].Namespace);
    }

    [Fact]
    public void Plain_scalars_have_types_and_quoted_ones_are_text()
    {
        var content = Manifests.Parse("{apiVersion: v1, kind: K, metadata: {name: a}, n: 5, f: 0.5, t: true, q: '5', v: 1.2.3, e: , y: yes}", "test").Single().Content;
        Assert.Equal("""{"n":5,"f":0.5,"t":true,"q":"5","v":"1.2.3","e":null,"y":"yes"}""",
            new System.Text.Json.Nodes.JsonObject(content.Where(c => c.Key.Length == 1).Select(c => KeyValuePair.Create(c.Key, c.Value?.DeepClone()))).ToJsonString());
    }

    [Theory]
    [InlineData("kind: K", "lacks apiVersion")]
    [InlineData("a: [", "test:")]
    public void Mistakes_name_their_source(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ManifestException>(() => Manifests.Parse(text, "test").ToList()).Message);
}
