using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>
/// Objects as rows and columns, the form `kubectl get` asks for. Columns of custom kinds come from their definition, those of
/// built-in kinds from <see cref="BuiltInTables"/>; a kind in neither has name and age.
/// </summary>
internal sealed class TableWriter(
    ApiResource resource, ServedVersion version, string metaVersion, string? includeObject, DateTimeOffset now)
{
    private readonly IReadOnlyList<TableColumn> columns = TableColumns.For(resource, version);

    public static TableWriter For(ApiRequest request, ResponseFormat format, DateTimeOffset now)
    {
        var include = request.Query("includeObject");
        if (include is not (null or "" or "None" or "Metadata" or "Object"))
        {
            throw StatusException.BadRequest(
                $"Unable to convert to Table as requested: includeObject: Invalid value: {FieldProblem.Quote(include)}: must be 'Metadata', 'Object', 'None', or empty");
        }

        return new TableWriter(request.Resource, request.Version, format.MetaVersion, include, now);
    }

    public void Write(Utf8JsonWriter writer, IEnumerable<StoredObject> items, Action<Utf8JsonWriter> writeListMetadata)
    {
        Begin(writer);
        writer.WritePropertyName("metadata");
        Inner(writer, writeListMetadata);
        Columns(writer);
        writer.WriteStartArray("rows");
        foreach (var item in items)
            Row(writer, item.Json);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>One row of a watch; only the first tells the columns.</summary>
    public void WriteOne(Utf8JsonWriter writer, JsonElement item, bool withColumns)
    {
        Begin(writer);
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", item.Text("metadata", "resourceVersion"));
        writer.WriteEndObject();
        if (withColumns)
            Columns(writer);
        else
            writer.WriteNull("columnDefinitions");
        writer.WriteStartArray("rows");
        Row(writer, item);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A row of an object that has nothing but the metadata of a bookmark.</summary>
    public void WriteBookmark(Utf8JsonWriter writer, long revision, bool initial)
    {
        Begin(writer);
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.WriteNull("columnDefinitions");
        writer.WriteStartArray("rows");
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var item = JsonAccess.NewWriter(buffer))
        {
            item.WriteStartObject();
            WatchStream.WriteBookmarkMetadata(item, revision, initial);
            item.WriteEndObject();
        }

        Row(writer, JsonAccess.ParseElement(buffer.WrittenMemory));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Begin(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/" + metaVersion);
    }

    /// <summary>The list's metadata is written as a property by its writer; here its name is already out.</summary>
    private static void Inner(Utf8JsonWriter writer, Action<Utf8JsonWriter> writeListMetadata)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var inner = JsonAccess.NewWriter(buffer))
        {
            inner.WriteStartObject();
            writeListMetadata(inner);
            inner.WriteEndObject();
        }

        writer.WriteRaw(JsonAccess.ParseElement(buffer.WrittenMemory).GetProperty("metadata"));
    }

    private void Columns(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("columnDefinitions");
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Meaning);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Row(Utf8JsonWriter writer, JsonElement item)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        foreach (var column in columns)
            Cell(writer, column.Cell(item, now));
        writer.WriteEndArray();
        if (resource is { Kind: "Pod", Group: "" })
            PodRow.WriteCompletion(writer, item);
        writer.WritePropertyName("object");
        if (includeObject == "None")
        {
            writer.WriteNullValue();
        }
        else
        {
            if (includeObject == "Object")
                Answers.WriteObject(writer, item, resource, resource.ApiVersionOf(version.Name));
            else
                Answers.WriteMetadata(writer, item, metaVersion);
        }

        writer.WriteEndObject();
    }

    private static void Cell(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement element:
                writer.WriteRaw(element);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            default:
                writer.WriteStringValue((string)value);
                break;
        }
    }
}
