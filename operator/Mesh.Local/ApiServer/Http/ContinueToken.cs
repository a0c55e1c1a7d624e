using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Where a list goes on: the revision of its first page (-1: whatever is newest then) and the key after the last one it held,
/// told relative to the list's namespace.
/// </summary>
internal sealed record ContinueToken(long Revision, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    /// <summary>The token for a page that ended with this key; an inconsistent one goes on at the newest revision.</summary>
    public static string Write(long revision, string lastKey, string ns)
    {
        var relative = ns.Length > 0 ? lastKey[(ns.Length + 1)..] : lastKey;
        return Encode(revision, (revision < 0 ? "" : "/") + relative + "\0");
    }

    public string WithNewestRevision() => Encode(-1, Start.TrimStart('/'));

    /// <summary>The first key of the next page, as the store orders them.</summary>
    public string KeyIn(string ns) => (ns.Length > 0 ? ns + "/" : "") + Start.TrimStart('/');

    public static ContinueToken Read(string token)
    {
        JsonElement read;
        try
        {
            read = JsonAccess.ParseElement(Bytes(token));
        }
        catch (FormatException)
        {
            throw Invalid("illegal base64 data");
        }
        catch (JsonException)
        {
            throw Invalid($"invalid character {FirstCharacter(token)} looking for beginning of value");
        }

        if (read.Text("v") is var version && version != Version)
            throw Invalid("server does not recognize this encoded version " + version);
        if (read.Text("start") is not { Length: > 0 } start || read.Integer("rv") is not { } revision)
            throw Invalid("encoded start key empty (version meta.k8s.io/v1)");
        return new ContinueToken(revision, start);
    }

    private static string Encode(long revision, string start) => Base64Url.EncodeToString(
        new JsonObject { ["v"] = Version, ["rv"] = revision, ["start"] = start }.ToBytes());

    /// <summary>As Go quotes it: bytes that are not text by their number.</summary>
    private static string FirstCharacter(string token)
    {
        var bytes = Bytes(token);
        if (bytes.Length == 0)
            return "end of input";
        return bytes[0] is >= 32 and < 127 ? $"'{(char)bytes[0]}'" : $"'\\u{bytes[0]:x4}'";
    }

    /// <summary>Unlike the framework's reader of this alphabet, Go's takes a last character whose spare bits are set.</summary>
    private static byte[] Bytes(string token) =>
        Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/') + (token.Length % 4) switch { 2 => "==", 3 => "=", _ => "" });

    private static StatusException Invalid(string problem) =>
        StatusException.BadRequest("invalid continue token: continue key is not valid: " + problem);
}
