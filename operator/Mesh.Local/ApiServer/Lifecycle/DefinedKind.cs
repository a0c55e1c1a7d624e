using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>Reads the kind that a CustomResourceDefinition describes.</summary>
internal static class DefinedKind
{
    public static ApiResource Of(JsonElement definition, CancellationToken redefined)
    {
        var names = definition.At("spec", "names")!.Value;
        return new ApiResource
        {
            Group = definition.Text("spec", "group")!,
            Kind = names.Text("kind")!,
            ListKind = names.Text("listKind") ?? names.Text("kind") + "List",
            Plural = names.Text("plural")!,
            Singular = names.Text("singular") ?? names.Text("kind")!.ToLowerInvariant(),
            ShortNames = [.. names.Items("shortNames").Select(name => name.GetString()!)],
            Categories = [.. names.Items("categories").Select(name => name.GetString()!)],
            Namespaced = definition.Text("spec", "scope") == "Namespaced",
            IsCustom = true,
            Redefined = redefined,
            Versions = [.. definition.Items("spec", "versions").Select(version => VersionOf(definition, version))],
        };
    }

    private static ServedVersion VersionOf(JsonElement definition, JsonElement version)
    {
        var schema = version.At("schema", "openAPIV3Schema") is { } given ? StructuralSchemaReader.Root(given) : null;
        return VersionOf(definition, version, schema);
    }

    private static ServedVersion VersionOf(JsonElement definition, JsonElement version, StructuralSchema? schema) => new()
    {
        Name = version.Text("name")!,
        Served = version.Flag("served"),
        Storage = version.Flag("storage"),
        HasStatus = version.At("subresources", "status") is not null,
        Scale = version.At("subresources", "scale") is { } scale
            ? new ScalePaths(Trim(scale.Text("specReplicasPath")), Trim(scale.Text("statusReplicasPath")), scale.Text("labelSelectorPath") is { } selector ? Trim(selector) : null)
            : null,
        Schema = schema,
        Shape = schema is null ? null : new ReadShape(schema),
        Columns = version.At("additionalPrinterColumns"),
        SelectableFields = [.. version.Items("selectableFields").Select(field => Trim(field.Text("jsonPath")))],
        DeprecationWarning = version.Flag("deprecated") ? version.Text("deprecationWarning") ?? Deprecated(definition, version) : null,
    };

    private static string Deprecated(JsonElement definition, JsonElement version)
    {
        var (group, kind) = (definition.Text("spec", "group"), definition.Text("spec", "names", "kind"));
        var better = definition.Items("spec", "versions").Where(one => one.Flag("served") && !one.Flag("deprecated"))
            .Select(one => one.Text("name")!).OrderDescending(VersionOrder.Instance).FirstOrDefault();
        return $"{group}/{version.Text("name")} {kind} is deprecated" + (better is null ? "" : $"; use {group}/{better} {kind}");
    }

    private static string Trim(string? path) => path?.TrimStart('.') ?? "";
}
