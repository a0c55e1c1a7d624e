using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Kinds with nothing special but whether they count generations, keep the status they come with, and some defaults.</summary>
internal sealed class SimpleRules(bool generation = false, bool keepsStatus = false, Action<JsonObject>? defaults = null) : KindRules
{
    public override bool HasGeneration(WriteRequest write) => generation;

    public override bool KeepsStatusOnCreate => keepsStatus;

    public override void Default(JsonObject item) => defaults?.Invoke(item);
}
