using System.Reflection;
using System.Text.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>A column and how its cell is read from an object: a string, a number, a JSON value, or null for an empty one.</summary>
internal sealed record TableColumn(
    string Name, string Type, Func<JsonElement, DateTimeOffset, object?> Cell, int Priority = 0, string Format = "", string Description = "")
{
    private PropertyInfo? documented;

    /// <summary>What the column says of itself: its own text, or that of the field it shows.</summary>
    public string Meaning => documented is null ? Description : Descriptions.Of(documented) ?? "";

    /// <summary>The same column, described as a field is.</summary>
    public TableColumn As<T>(string property) => this with { documented = typeof(T).GetProperty(property) };

    public static TableColumn Text(string name, Func<JsonElement, object?> cell, int priority = 0, string format = "") =>
        new(name, "string", (item, _) => cell(item), priority, format);

    public static TableColumn Number(string name, Func<JsonElement, object?> cell, int priority = 0) =>
        new(name, "integer", (item, _) => cell(item), priority);
}
