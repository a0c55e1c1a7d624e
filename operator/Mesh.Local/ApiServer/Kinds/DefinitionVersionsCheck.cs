using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Tables;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>The versions of a CustomResourceDefinition: one is stored, none that was stored is missing, and each can be served.</summary>
internal static class DefinitionVersionsCheck
{
    public static void Add(List<FieldProblem> problems, JsonElement definition)
    {
        var versions = definition.Items("spec", "versions").ToList();
        for (var i = 0; i < versions.Count; i++)
            Version(problems, versions[i], $"spec.versions[{i}]");
        Selectable(problems, versions);
        if (versions.Count(version => version.Flag("storage")) != 1)
            problems.Add(FieldProblem.Invalid("spec.versions", "[" + string.Join(",", versions.Select(Shown)) + "]", "must have exactly one version marked as storage version"));
        Stored(problems, definition, versions);
    }

    private static void Version(List<FieldProblem> problems, JsonElement version, string path)
    {
        if (version.At("schema", "openAPIV3Schema") is not { ValueKind: JsonValueKind.Object } schema)
        {
            problems.Add(FieldProblem.Required(path + ".schema.openAPIV3Schema"));
        }
        else
        {
            var found = StructuralCheck.Problems(schema, path + ".schema.openAPIV3Schema");
            problems.AddRange(found);
            if (found.Count == 0)
                problems.AddRange(CelRules.Problems(schema, path + ".schema.openAPIV3Schema"));
        }

        var column = 0;
        foreach (var given in version.Items("additionalPrinterColumns"))
        {
            var text = given.Text("jsonPath") ?? "";
            var problem = text.StartsWith('.') ? JsonPath.Problem(text) : "must be a simple json path starting with .";
            if (problem is not null)
                problems.Add(FieldProblem.Invalid($"{path}.additionalPrinterColumns[{column}].JSONPath", FieldProblem.Quote(text), problem));
            column++;
        }
    }

    /// <summary>
    /// Kubernetes keeps what is the same in all versions once for all, schemas and selectable fields each by themselves, and
    /// then wants to find both in the one place or in the other.
    /// </summary>
    private static void Selectable(List<FieldProblem> problems, List<JsonElement> versions)
    {
        if (versions.Count < 2)
            return;
        var sameSchemas = Same(versions, "schema");
        var sameFields = Same(versions, "selectableFields");
        if (sameFields && !sameSchemas && versions[0].Count("selectableFields") > 0)
            problems.Add(FieldProblem.Invalid("spec.selectableFields", "\"\"", "may only be set when validations.schema is included"));
        for (var i = 0; i < versions.Count && sameSchemas && !sameFields; i++)
        {
            if (versions[i].Count("selectableFields") > 0)
                problems.Add(FieldProblem.Invalid($"spec.versions[{i}].selectableFields", "\"\"", "may only be set when `version.schema.openAPIV3Schema` is not included"));
        }
    }

    private static bool Same(List<JsonElement> versions, string name) => versions.Skip(1).All(version => (versions[0].At(name), version.At(name)) switch
    {
        (null, null) => true,
        ({ } first, { } other) => JsonElement.DeepEquals(first, other),
        _ => false,
    });

    private static void Stored(List<FieldProblem> problems, JsonElement definition, List<JsonElement> versions)
    {
        var stored = definition.Items("status", "storedVersions").Select(one => one.GetString() ?? "").ToList();
        if (stored.Count == 0)
        {
            problems.Add(FieldProblem.Invalid("status.storedVersions", "null", "must have at least one stored version"));
            return;
        }

        var names = versions.Select(version => version.Text("name") ?? "").ToList();
        for (var i = 0; i < stored.Count; i++)
        {
            if (!names.Contains(stored[i]))
            {
                problems.Add(FieldProblem.Invalid($"status.storedVersions[{i}]", FieldProblem.Quote(stored[i]),
                    $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {stored[i]} and removes {stored[i]} from status.storedVersions"));
            }
        }

        if (versions.LastOrDefault(version => version.Flag("storage")).Text("name") is { } storage && !stored.Contains(storage))
        {
            problems.Add(FieldProblem.Invalid("status.storedVersions", "[" + string.Join(",", stored.Select(FieldProblem.Quote)) + "]",
                $"must have the storage version {storage}"));
        }
    }

    /// <summary>A version as Go prints it; what all versions have in common stands elsewhere.</summary>
    private static string Shown(JsonElement version) =>
        $$"""{"Name":{{FieldProblem.Quote(version.Text("name") ?? "")}},"Served":{{Flag(version, "served")}},"Storage":{{Flag(version, "storage")}},"Deprecated":{{Flag(version, "deprecated")}},"DeprecationWarning":{{(version.Text("deprecationWarning") is { } warning ? FieldProblem.Quote(warning) : "null")}},"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}""";

    private static string Flag(JsonElement version, string name) => version.Flag(name) ? "true" : "false";
}
