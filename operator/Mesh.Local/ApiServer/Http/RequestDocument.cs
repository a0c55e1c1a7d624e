using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Http;

/// <summary>A request's document as it came and as it was read, with what was repeated in it.</summary>
internal sealed record RequestDocument(JsonObject Body, ReadOnlyMemory<byte> Sent)
{
    private const int Shown = 30;

    /// <summary>Keys that an object gave twice, each in the words the client is told it in.</summary>
    public IReadOnlyList<string> Repeated { get; init; } = [];

    /// <summary>The beginning of what was sent, for messages about a document of no known kind.</summary>
    public static string Summary(ReadOnlySpan<byte> sent)
    {
        if (sent.Length == 0)
            return "<empty>";
        var start = sent[..Math.Min(sent.Length, Shown)];
        var text = start[0] == '{' ? Encoding.UTF8.GetString(start) : Convert.ToHexString(start).ToLower(CultureInfo.InvariantCulture);
        return sent.Length > Shown ? text + " ..." : text;
    }
}
