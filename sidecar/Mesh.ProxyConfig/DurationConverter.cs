using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Durations as seconds with an <c>s</c>, protobuf's JSON form.</summary>
public sealed class DurationConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc/>
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return text is [.., 's'] && decimal.TryParse(text.AsSpan(..^1), NumberStyles.Number, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : throw new JsonException($"'{text}' is not a duration; write seconds, as in \"0.25s\".");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(((decimal)value.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s");
}
