using System.Text.Json;

namespace Mesh.Api.Validation;

/// <summary>A set of keys as JSON (RFC 7517): looked at, never kept.</summary>
internal static class JwksText
{
    /// <summary>Whether it is one, and whether it holds what should be secret.</summary>
    public static JwksVerdict Judge(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return JwksVerdict.NoKeys;
            // A single key may stand for a set of one.
            var keys = document.RootElement.TryGetProperty("keys", out var list) ? list : document.RootElement;
            return keys.ValueKind == JsonValueKind.Array ? Of([.. keys.EnumerateArray()]) : Of([keys]);
        }
        catch (JsonException)
        {
            return JwksVerdict.NoKeys;
        }
    }

    private static JwksVerdict Of(IReadOnlyList<JsonElement> keys) =>
        !keys.All(key => key.ValueKind == JsonValueKind.Object && key.TryGetProperty("kty", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is "RSA" or "EC" or "OKP" or "oct") ? JwksVerdict.NoKeys
        : keys.Any(key => key.TryGetProperty("d", out _)) ? JwksVerdict.PrivateKeys
        : JwksVerdict.PublicKeys;
}
