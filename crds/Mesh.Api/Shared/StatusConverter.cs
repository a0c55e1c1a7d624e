using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>Reads a status; one that another program wrote in another shape counts as none, for it is ours to write anew.</summary>
internal sealed class StatusConverter<T> : JsonConverter<T>
    where T : class, new()
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        try
        {
            return ApiJson.Read<T>(document.RootElement);
        }
        catch (JsonException)
        {
            return new T();
        }
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, ApiJson.Options);
}
