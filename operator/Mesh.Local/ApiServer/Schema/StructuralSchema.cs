using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// The shape of a kind: what pruning, defaulting, strict decoding, patches by merge key and server-side apply need to know.
/// Comes from a CustomResourceDefinition (<see cref="StructuralSchemaReader"/>) or from the client library's model types
/// (<see cref="BuiltInSchemas"/>). It says nothing about values; <see cref="Source"/> keeps the rules for those.
/// </summary>
internal sealed class StructuralSchema
{
    /// <summary>object, array, string, integer, number, boolean; null where anything may stand.</summary>
    public string? Type { get; init; }

    /// <summary>Made on first use, because built-in types contain themselves.</summary>
    public Lazy<FrozenDictionary<string, StructuralSchema>> LazyProperties { get; init; } = NoProperties;

    public FrozenDictionary<string, StructuralSchema> Properties => LazyProperties.Value;

    public StructuralSchema? Items { get; init; }

    public StructuralSchema? AdditionalProperties { get; init; }

    public bool PreserveUnknownFields { get; init; }

    public bool IntOrString { get; init; }

    public bool EmbeddedResource { get; init; }

    public bool Nullable { get; init; }

    public JsonElement? Default { get; init; }

    /// <summary>A list that apply merges by key ("map") or by value ("set"); anything else is replaced whole.</summary>
    public string? ListType { get; init; }

    public ImmutableArray<string> MapKeys { get; init; } = [];

    /// <summary>An object that apply owns as one value.</summary>
    public bool Atomic { get; init; }

    /// <summary>The one key strategic merge patches go by; null: the list is replaced.</summary>
    public string? MergeKey { get; init; }

    /// <summary>A list of plain values that strategic merge patches unite.</summary>
    public bool MergePrimitives { get; init; }

    public string? Format { get; init; }

    /// <summary>A time with six digits of fraction; every other time has none.</summary>
    public bool MicroTime { get; init; }

    /// <summary>A Go struct that stands in its parent by value: where the parent is, it is, and nobody owns that.</summary>
    public bool Embedded { get; init; }

    /// <summary>A list or map of a built-in kind that shows itself also when there is nothing in it.</summary>
    public bool ShownWhenEmpty { get; init; }

    /// <summary>Fields that show themselves as null where they are not given.</summary>
    public ImmutableArray<string> NullWhenAbsent { get; init; } = [];

    /// <summary>The component this shape is published under in OpenAPI; null for anonymous ones.</summary>
    public string? TypeName { get; init; }

    /// <summary>What the field means, for `kubectl explain`; custom kinds have it in <see cref="Source"/>.</summary>
    public string? Description { get; init; }

    /// <summary>The schema as the definition's author wrote it, with its value rules; null for built-in kinds.</summary>
    public JsonElement? Source { get; init; }

    public bool IsListMap => ListType == "map" && MapKeys.Length > 0;

    /// <summary>The schema of a field of an object; null when the field is not known.</summary>
    public StructuralSchema? Field(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;

    private static readonly Lazy<FrozenDictionary<string, StructuralSchema>> NoProperties =
        new(FrozenDictionary<string, StructuralSchema>.Empty);
}
