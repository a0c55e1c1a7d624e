using System.Collections.Immutable;
using System.Text;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's own answer -> its bytes.</summary>
internal static class DirectResponseTranslator
{
    public static DirectResponse Translate(HttpDirectResponse response) => new()
    {
        Status = Math.Clamp(response.Status ?? 200, 200, 599),
        Body = Body(response.Body),
    };

    // What is no base64 is sent as it stands; the status of the rule says so.
    private static ImmutableArray<byte> Body(HttpBody? body)
    {
        if (body?.Bytes is not { Length: > 0 } encoded) return [.. Encoding.UTF8.GetBytes(body?.String ?? "")];
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? [.. bytes.AsSpan(0, length)] : [.. Encoding.UTF8.GetBytes(encoded)];
    }
}
