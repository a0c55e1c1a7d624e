using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Protobuf;

/// <summary>
/// Turns a request in Kubernetes' protobuf encoding ("k8s\0", an envelope that names the kind, the message) into the document
/// it stands for. Empty texts count as absent, as they do in the JSON form of the same types.
/// </summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static JsonObject Read(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.StartsWith(Magic))
            throw StatusException.BadRequest("provided data does not appear to be a protobuf message, expected prefix \"k8s\\0\"");
        try
        {
            return Envelope(bytes[Magic.Length..]);
        }
        catch (Exception broken) when (broken is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw StatusException.BadRequest("the protobuf message ends too early");
        }
    }

    private static JsonObject Envelope(ReadOnlyMemory<byte> bytes)
    {
        string apiVersion = "", kind = "";
        ReadOnlyMemory<byte> message = default;
        while (Next(ref bytes, out var number, out _, out var payload))
        {
            if (number == 2)
                message = payload;
            if (number != 1)
                continue;
            while (Next(ref payload, out var part, out _, out var text))
            {
                if (part == 1)
                    apiVersion = Encoding.UTF8.GetString(text.Span);
                else if (part == 2)
                    kind = Encoding.UTF8.GetString(text.Span);
            }
        }

        if (!ProtobufShapes.Knows(kind))
            throw StatusException.UnsupportedMediaType($"{kind} cannot be read from protobuf here - send it as application/json");
        var document = Message(kind, message);
        document["apiVersion"] = apiVersion;
        document["kind"] = kind;
        return document;
    }

    private static JsonObject Message(string type, ReadOnlyMemory<byte> bytes)
    {
        var document = new JsonObject();
        while (Next(ref bytes, out var number, out var value, out var payload))
        {
            var field = ProtobufShapes.Find(type, number)
                ?? throw StatusException.UnsupportedMediaType($"field {number} of {type} cannot be read from protobuf here - send it as application/json");
            if (field.Type == "Ignored")
                continue;
            if (field.Name == "inline")
                Inline(document, Message(field.Type, payload));
            else if (field.Map)
                Entry(document.Section(field.Name), field.Type, payload);
            else if (field.Repeated)
                List(document, field.Name).Add(Value(field.Type, value, payload));
            else if (Value(field.Type, value, payload) is { } single && !IsEmpty(single))
                document[field.Name] = single;
        }

        return document;
    }

    private static void Inline(JsonObject document, JsonObject part)
    {
        foreach (var (name, value) in part)
            document[name] = value?.DeepClone();
    }

    private static void Entry(JsonObject map, string type, ReadOnlyMemory<byte> entry)
    {
        var key = "";
        JsonNode? content = type is "string" or "bytes" ? "" : null;
        while (Next(ref entry, out var number, out var value, out var payload))
        {
            if (number == 1)
                key = Encoding.UTF8.GetString(payload.Span);
            else
                content = Value(type, value, payload);
        }

        map[key] = content;
    }

    private static JsonNode? Value(string type, ulong value, ReadOnlyMemory<byte> payload) => type switch
    {
        "string" => Encoding.UTF8.GetString(payload.Span),
        "bytes" => Convert.ToBase64String(payload.Span),
        "bool" => value != 0,
        "int" => (long)value,
        "flag" => value != 0 ? true : null,
        "number" => value != 0 ? (long)value : null,
        "Quantity" => Encoding.UTF8.GetString(First(payload)),
        "Time" => Time(payload),
        "IntOrString" => IntOrString(payload),
        _ => Message(type, payload),
    };

    private static JsonNode? Time(ReadOnlyMemory<byte> payload)
    {
        long seconds = 0;
        while (Next(ref payload, out var number, out var value, out _))
        {
            if (number == 1)
                seconds = (long)value;
        }

        // A time that was never set is the first second of year one.
        return seconds <= -62135596800 || seconds == 0 ? null : Timestamps.Seconds(DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    private static JsonNode? IntOrString(ReadOnlyMemory<byte> payload)
    {
        long number = 0;
        var text = "";
        var isText = false;
        while (Next(ref payload, out var field, out var value, out var content))
        {
            switch (field)
            {
                case 1:
                    isText = value == 1;
                    break;
                case 2:
                    number = (long)value;
                    break;
                default:
                    text = Encoding.UTF8.GetString(content.Span);
                    break;
            }
        }

        return isText ? text : number == 0 ? null : number;
    }

    private static ReadOnlySpan<byte> First(ReadOnlyMemory<byte> payload) => Next(ref payload, out _, out _, out var content) ? content.Span : [];

    private static bool Next(ref ReadOnlyMemory<byte> bytes, out int number, out ulong value, out ReadOnlyMemory<byte> payload)
    {
        (number, value, payload) = (0, 0, default);
        if (bytes.IsEmpty)
            return false;
        var tag = Varint(ref bytes);
        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                value = Varint(ref bytes);
                return true;
            case 1:
                value = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
                bytes = bytes[8..];
                return true;
            case 2:
                var length = checked((int)Varint(ref bytes));
                payload = bytes[..length];
                bytes = bytes[length..];
                return true;
            case 5:
                value = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
                bytes = bytes[4..];
                return true;
            default:
                throw StatusException.BadRequest($"protobuf wire type {tag & 7} is not known");
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var i = 0; i < 10; i++)
        {
            value |= (ulong)(bytes.Span[i] & 0x7f) << (7 * i);
            if (bytes.Span[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }

        throw StatusException.BadRequest("a protobuf number is too long");
    }

    private static bool IsEmpty(JsonNode node) => node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.String && value.GetValue<string>().Length == 0;

    private static JsonArray List(JsonObject owner, string name)
    {
        if (owner[name] is JsonArray list)
            return list;
        var made = new JsonArray();
        owner[name] = made;
        return made;
    }
}
