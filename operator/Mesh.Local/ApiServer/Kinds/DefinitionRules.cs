using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Tables;
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

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var definition = item.ToElement();
        var name = $"{definition.Text("spec", "names", "plural")}.{definition.Text("spec", "group")}";
        if (definition.Text("metadata", "name") != name)
            problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(definition.Text("metadata", "name") ?? ""), "must be spec.names.plural+\".\"+spec.group"));
        foreach (var required in (string[])["group", "scope"])
        {
            if (definition.Text("spec", required) is not { Length: > 0 })
                problems.Add(FieldProblem.Required("spec." + required));
        }

        if (definition.Text("spec", "names", "kind") is not { Length: > 0 })
            problems.Add(FieldProblem.Required("spec.names.kind"));
        if (definition.Text("spec", "conversion", "strategy") is not "None" and var strategy)
            problems.Add(FieldProblem.NotSupported("spec.conversion.strategy", FieldProblem.Quote(strategy ?? ""), ["None"]));
        Versions(problems, definition);
        if (before is null)
            return;
        foreach (var (place, old) in (ReadOnlySpan<(string, string?)>)[("group", before.Json.Text("spec", "group")), ("scope", before.Json.Text("spec", "scope"))])
        {
            if (definition.Text("spec", place) is var now && now != old)
                problems.Add(FieldProblem.Invalid("spec." + place, FieldProblem.Quote(now ?? ""), "field is immutable"));
        }
    }

    private static void Versions(List<FieldProblem> problems, JsonElement definition)
    {
        var index = 0;
        var stored = 0;
        foreach (var version in definition.Items("spec", "versions"))
        {
            var path = $"spec.versions[{index++}]";
            stored += version.Flag("storage") ? 1 : 0;
            if (version.At("schema", "openAPIV3Schema") is not { ValueKind: JsonValueKind.Object } schema)
            {
                problems.Add(FieldProblem.Required(path + ".schema.openAPIV3Schema", "schemas are required"));
                continue;
            }

            if (schema.Text("type") != "object")
                problems.Add(FieldProblem.Invalid(path + ".schema.openAPIV3Schema.type", FieldProblem.Quote(schema.Text("type") ?? ""), "must be object at the root"));
            problems.AddRange(StructuralCheck.Problems(schema, path + ".schema.openAPIV3Schema"));
            problems.AddRange(CelRules.Problems(schema, path + ".schema.openAPIV3Schema"));
            var column = 0;
            foreach (var given in version.Items("additionalPrinterColumns"))
            {
                if (JsonPath.Problem(given.Text("jsonPath") ?? "") is { } problem)
                    problems.Add(FieldProblem.Invalid($"{path}.additionalPrinterColumns[{column}].jsonPath", FieldProblem.Quote(given.Text("jsonPath") ?? ""), problem));
                column++;
            }
        }

        if (stored != 1)
            problems.Add(FieldProblem.Invalid("spec.versions", $"{stored}", "must have exactly one version marked as storage version"));
    }

    private static IEnumerable<JsonNode> StorageVersions(JsonObject item) =>
        item.List("spec", "versions")?.Where(version => version.Flag("storage")).Select(version => (JsonNode)(version.Text("name") ?? "")) ?? [];
}
