using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>A JSON value of the access log's format: its strings are texts with operators, the rest is written as it stands.</summary>
internal sealed class JsonLayout
{
    private readonly ImmutableArray<(string Name, JsonLayout Value)> members = [];
    private readonly ImmutableArray<JsonLayout> items = [];
    private readonly ImmutableArray<FormatPiece> text = [];
    private readonly string raw = "";
    private readonly JsonValueKind kind;

    private JsonLayout(JsonElement element)
    {
        kind = element.ValueKind;
        switch (kind)
        {
            case JsonValueKind.Object:
                members = [.. element.EnumerateObject().Select(member => (member.Name, new JsonLayout(member.Value)))];
                break;
            case JsonValueKind.Array:
                items = [.. element.EnumerateArray().Select(item => new JsonLayout(item))];
                break;
            case JsonValueKind.String:
                text = FormatText.Parse(element.GetString()!);
                break;
            default:
                raw = element.GetRawText();
                break;
        }
    }

    /// <summary>The layout of a valid format.</summary>
    public static JsonLayout Of(string format)
    {
        using var document = JsonDocument.Parse(format);
        return new JsonLayout(document.RootElement);
    }

    public void Write(Utf8JsonWriter writer, in AccessLogEntry entry)
    {
        switch (kind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    value.Write(writer, entry);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in items) item.Write(writer, entry);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                WriteText(writer, entry);
                break;
            default:
                writer.WriteRawValue(raw);
                break;
        }
    }

    // An operator by itself keeps its kind: numbers stay numbers, and what has no value is null.
    private void WriteText(Utf8JsonWriter writer, in AccessLogEntry entry)
    {
        if (text is not [{ Operator.Length: > 0 } only])
        {
            var whole = "";
            foreach (var piece in text) whole += AccessLogLayout.TextOf(piece, entry);
            writer.WriteStringValue(whole);
        }
        else if (only.MaxLength is null && FormatOperators.Number(only, entry) is { } number) writer.WriteNumberValue(number);
        else writer.WriteStringValue(FormatOperators.Value(only, entry) is { Length: > 0 } value ? value : null);
    }
}
