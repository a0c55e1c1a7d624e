using System.Reflection;
using k8s.Models;
using Mesh.Api.Validation;

namespace Mesh.Api.Generator;

/// <summary>The CustomResourceDefinition of one kind.</summary>
public sealed class CrdWriter(Type kind, XmlDocs docs)
{
    private readonly KubernetesEntityAttribute entity = kind.GetCustomAttribute<KubernetesEntityAttribute>()!;
    private readonly CustomResourceAttribute resource = kind.GetCustomAttribute<CustomResourceAttribute>()!;

    /// <summary>The kind in lower case.</summary>
    public string Singular => entity.Kind.ToLowerInvariant();

    /// <summary>Its file's name in crds/.</summary>
    public string FileName => $"{entity.PluralName}.{entity.Group}.yaml";

    /// <summary>The whole document.</summary>
    public string Write() => Yaml.Write(new YamlMap
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new YamlMap
        {
            ["name"] = $"{entity.PluralName}.{entity.Group}",
            ["labels"] = new YamlMap { [MeshLabels.PartOf] = MeshLabels.PartOfMesh },
        },
        ["spec"] = new YamlMap
        {
            ["group"] = entity.Group,
            ["scope"] = "Namespaced",
            ["names"] = Names(),
            ["conversion"] = new YamlMap { ["strategy"] = "None" },
            ["versions"] = resource.Versions.Select((version, i) => Version(version, stored: i == 0)).ToList(),
        },
    });

    private YamlMap Names()
    {
        var names = new YamlMap { ["kind"] = entity.Kind, ["listKind"] = entity.Kind + "List", ["plural"] = entity.PluralName, ["singular"] = Singular };
        if (resource.ShortName.Length > 0)
            names["shortNames"] = new[] { resource.ShortName };
        return names.Put("categories", resource.Categories);
    }

    private YamlMap Version(string version, bool stored) => new()
    {
        ["name"] = version,
        ["served"] = true,
        ["storage"] = stored,
        ["subresources"] = new YamlMap { ["status"] = new YamlMap() },
        ["additionalPrinterColumns"] = kind.GetCustomAttributes<PrinterColumnAttribute>().Select(Column).ToList(),
        ["schema"] = new YamlMap { ["openAPIV3Schema"] = Root() },
    };

    private static YamlMap Column(PrinterColumnAttribute column)
    {
        var map = new YamlMap
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["description"] = column.Description,
            ["jsonPath"] = column.JsonPath,
        };
        return column.Priority == 0 ? map : map.Put("priority", column.Priority);
    }

    private YamlMap Root()
    {
        var schema = new SchemaBuilder(docs, SupportedFields.Of(entity.Kind));
        var root = new YamlMap { ["type"] = "object", ["description"] = docs.Of(kind) };
        if (resource.SpecRequired)
            root["required"] = new[] { "spec" };
        return root.Put("properties", new YamlMap
        {
            ["apiVersion"] = new YamlMap { ["type"] = "string", ["description"] = "Group and version in which the object is written." },
            ["kind"] = new YamlMap { ["type"] = "string", ["description"] = $"Always {entity.Kind}." },
            ["metadata"] = new YamlMap { ["type"] = "object" },
            ["spec"] = schema.Property(kind.GetProperty("Spec")!, "spec", listDepth: 0),
            ["status"] = schema.Property(kind.GetProperty("Status")!, "status", listDepth: 0),
        });
    }
}
