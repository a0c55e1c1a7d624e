using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// How a version of a custom kind reads what was stored under another schema: fields that it does not know do not show, defaults
/// that came since do. The stored bytes stay as they are until the object is written.
/// </summary>
internal sealed class ReadShape(StructuralSchema schema)
{
    private readonly ConditionalWeakTable<StoredObject, StoredObject> read = [];

    /// <summary>The object itself where the schema has nothing to change.</summary>
    public StoredObject Of(StoredObject stored) => read.GetValue(stored, Make);

    private StoredObject Make(StoredObject stored)
    {
        var shaped = stored.Edit();
        CustomShape.Coerce(shaped, schema, []);
        SchemaDefaults.Apply(shaped, schema);
        return JsonNode.DeepEquals(shaped, stored.Edit()) ? stored : StoredObject.Of(shaped, stored.Revision);
    }
}
