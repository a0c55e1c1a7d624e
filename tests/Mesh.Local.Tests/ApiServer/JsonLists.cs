using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Short ways to write documents in tests.</summary>
internal static class JsonLists
{
    public static JsonObject With(this JsonObject item, string name, params JsonNode[] values)
    {
        item[name] = new JsonArray([.. values]);
        return item;
    }
}
