using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>CustomResourceDefinitions: names' defaults, the stored versions, and a finalizer that waits for the objects.</summary>
internal sealed class DefinitionRules : KindRules
{
    private const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    public override bool HasGeneration(WriteRequest write) => true;

    public override void PrepareCreate(JsonObject item)
    {
        item.Section("metadata")["finalizers"] = new JsonArray(
            [.. item.List("metadata", "finalizers")?.Where(one => one!.GetValue<string>() != Cleanup).Select(one => one!.DeepClone()) ?? [], Cleanup]);
        item["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(),
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray([.. StorageVersions(item)]),
        };
    }

    public override void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
        if (subresource.Length > 0 || item["status"] is not JsonObject status)
            return;
        var stored = status["storedVersions"] as JsonArray ?? [];
        foreach (var version in StorageVersions(item))
        {
            if (!stored.Any(known => JsonNode.DeepEquals(known, version)))
                stored.Add(version);
        }
    }

    public override void Default(JsonObject item)
    {
        if (item["spec"] is not JsonObject spec)
            return;
        var names = spec.Section("names");
        if (names.Text("kind") is { } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }

        spec.Default("conversion", new JsonObject { ["strategy"] = "None" });
    }

    private static IEnumerable<JsonNode> StorageVersions(JsonObject item) =>
        item.List("spec", "versions")?.Where(version => version.Flag("storage")).Select(version => (JsonNode)(version.Text("name") ?? "")) ?? [];
}
