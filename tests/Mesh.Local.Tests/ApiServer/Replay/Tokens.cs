using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>What opaque tokens hold: a continue token is base64 of JSON, a JWT carries its claims as its middle part.</summary>
internal static class Tokens
{
    public static string Encode(JsonNode content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));

    public static JsonNode? Decode(string token)
    {
        var parts = token.Split('.');
        var text = (parts.Length == 3 ? parts[1] : token).TrimEnd('=');
        if (!Base64Url.IsValid(text))
            return null;
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
