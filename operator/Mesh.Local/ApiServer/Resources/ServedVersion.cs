using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>One served version of a kind: its schema, its subresources, its printer columns.</summary>
internal sealed record ServedVersion
{
    public required string Name { get; init; }

    public bool Served { get; init; } = true;

    public bool Storage { get; init; } = true;

    public bool HasStatus { get; init; }

    public ScalePaths? Scale { get; init; }

    public StructuralSchema? Schema { get; init; }

    /// <summary>How a custom kind's objects are read; null where nothing can have been stored under another schema.</summary>
    public ReadShape? Shape { get; init; }

    /// <summary>An object as this version reads it.</summary>
    public StoredObject Read(StoredObject stored) => Shape?.Of(stored) ?? stored;

    /// <summary>additionalPrinterColumns as given in the definition; null: only the age is shown.</summary>
    public JsonElement? Columns { get; init; }

    public ImmutableArray<string> SelectableFields { get; init; } = [];

    public string? DeprecationWarning { get; init; }
}
