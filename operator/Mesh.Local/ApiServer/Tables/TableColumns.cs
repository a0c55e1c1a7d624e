using System.Text.Json;
using k8s.Models;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>Finds the columns of a kind.</summary>
internal static class TableColumns
{
    public static TableColumn Name { get; } = TableColumn.Text("Name", item => item.Text("metadata", "name") ?? "", format: "name")
        .As<V1ObjectMeta>(nameof(V1ObjectMeta.Name));

    public static TableColumn Age { get; } = new TableColumn("Age", "string", static (item, now) => Ages.Since(item.Text("metadata", "creationTimestamp"), now))
        .As<V1ObjectMeta>(nameof(V1ObjectMeta.CreationTimestamp));

    private static readonly TableColumn CreatedAt =
        new TableColumn("Created At", "date", static (item, _) => item.Text("metadata", "creationTimestamp")).As<V1ObjectMeta>(nameof(V1ObjectMeta.CreationTimestamp));

    public static IReadOnlyList<TableColumn> For(ApiResource resource, ServedVersion version)
    {
        if (!resource.IsCustom)
            return BuiltInTables.For(resource) ?? UnusedTables.For(resource.Kind) ?? [Name, CreatedAt];
        if (version.Columns is not { ValueKind: JsonValueKind.Array } columns || columns.GetArrayLength() == 0)
            return [Name, Age with { Type = "date" }];
        return [Name, .. columns.EnumerateArray().Select(Custom)];
    }

    private static TableColumn Custom(JsonElement column)
    {
        var path = JsonPath.Parse(column.Text("jsonPath") ?? "");
        var type = column.Text("type") ?? "string";
        return new TableColumn(
            column.Text("name") ?? "",
            type,
            (item, now) => CustomCell(path, type, item, now),
            (int)(column.Integer("priority") ?? 0),
            column.Text("format") ?? "",
            column.Text("description") ?? "Custom resource definition column (in JSONPath format): " + column.Text("jsonPath"));
    }

    /// <summary>A date is shown as an age; a list or an object as its JSON; what does not fit its type is not shown.</summary>
    private static object? CustomCell(JsonPath path, string type, JsonElement item, DateTimeOffset now)
    {
        var found = path.Find(item).ToList();
        if (found.Count == 0 || found[0].ValueKind == JsonValueKind.Null)
            return null;
        var value = found[0];
        return type switch
        {
            "date" => value.ValueKind == JsonValueKind.String ? Ages.Since(value.GetString(), now) : null,
            "integer" when value.ValueKind == JsonValueKind.Number => value,
            "number" when value.ValueKind == JsonValueKind.Number => value,
            "boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value,
            "string" when value.ValueKind == JsonValueKind.String => value.GetString(),
            "string" => value.GetRawText(),
            _ => null,
        };
    }
}
