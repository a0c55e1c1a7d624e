using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>What one manager owns. Read from its document only when it is asked for: most writes leave most entries alone.</summary>
internal sealed class Owned
{
    private readonly JsonObject? document;
    private FieldSet? set;

    public Owned(JsonObject document, string? time)
    {
        this.document = document;
        Time = time;
    }

    public Owned(FieldSet set, string? time)
    {
        this.set = set;
        Time = time;
    }

    public FieldSet Set => set ??= FieldSet.FromJson(document!);

    /// <summary>When the manager last took something; null where it only joined what was there.</summary>
    public string? Time { get; }

    public JsonObject ToJson() => document is null ? Set.ToJson() : (JsonObject)document.DeepClone();
}
