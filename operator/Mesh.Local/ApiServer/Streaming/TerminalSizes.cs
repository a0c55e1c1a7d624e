using System.Buffers;
using System.Text.Json;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>Reads {"Width":80,"Height":24}; what is no such object changes nothing, as no error could be told on that stream.</summary>
internal static class TerminalSizes
{
    public static TerminalSize? Parse(ReadOnlySequence<byte> text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.ValueKind == JsonValueKind.Object
                && Side(parsed.RootElement, "Width") is { } width && Side(parsed.RootElement, "Height") is { } height
                ? new TerminalSize(width, height)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ushort? Side(JsonElement size, string name) =>
        size.TryGetProperty(name, out var side) && side.ValueKind == JsonValueKind.Number && side.TryGetUInt16(out var value) ? value : null;
}
