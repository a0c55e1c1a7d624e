using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>
/// Reads a spec so that nothing stored in one object can fail the list or watch it comes with: a spec that does not fit its
/// type becomes an empty one that says why, and the validator turns that into a finding.
/// </summary>
internal sealed class SpecConverter<T> : JsonConverter<T>
    where T : class, ISpecFromUser, new()
{
    public override bool HandleNull => true;

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return new T();
        using var document = JsonDocument.ParseValue(ref reader);
        return ApiJson.ReadSpec<T>(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, ApiJson.Options);
}
