using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>Durations are strings in JSON; anything else is kept as text without a value.</summary>
internal sealed class DurationConverter : JsonConverter<Duration>
{
    public override Duration? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Duration.Parse(reader.GetString()!);
        using var other = JsonDocument.ParseValue(ref reader);
        // The blank keeps a bare 0 from reading as the one number that is a duration without a unit.
        return Duration.Parse(" " + other.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text);
}
