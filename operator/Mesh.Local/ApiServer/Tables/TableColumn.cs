using System.Text.Json;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>A column and how its cell is read from an object: a string, a number, a JSON value, or null for an empty one.</summary>
internal sealed record TableColumn(
    string Name, string Type, Func<JsonElement, DateTimeOffset, object?> Cell, int Priority = 0, string Format = "", string Description = "")
{
    public static TableColumn Text(string name, Func<JsonElement, object?> cell, int priority = 0, string format = "") =>
        new(name, "string", (item, _) => cell(item), priority, format);

    public static TableColumn Number(string name, Func<JsonElement, object?> cell, int priority = 0) =>
        new(name, "integer", (item, _) => cell(item), priority);
}
