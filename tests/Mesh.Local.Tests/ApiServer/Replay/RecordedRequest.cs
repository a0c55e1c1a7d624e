using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>A request as recorded, its placeholders filled, ready to be sent (more than once, when it is tried again).</summary>
internal sealed record RecordedRequest(string Method, string Target, string? Body, string? ContentType, string? Accept)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static RecordedRequest Of(JsonNode request, Placeholders placeholders) => new(
        request["method"]!.GetValue<string>(),
        TargetOf(request, placeholders),
        request["body"] is JsonValue list ? Repeated(list.GetValue<string>()) : request["body"] is { } json ? placeholders.Fill(json)!.ToJsonString(Relaxed)
            : request["bodyText"] is { } text ? Repeated(placeholders.Fill(text.GetValue<string>())) : null,
        request["headers"]?["Content-Type"]?.GetValue<string>(),
        request["headers"]?["Accept"]?.GetValue<string>());

    public HttpRequestMessage Message(Uri server, IEnumerable<(string Name, string Value)> headers)
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(server, Target));
        message.Headers.TryAddWithoutValidation("User-Agent", "recorder/1.0");
        if (Accept is not null)
            message.Headers.TryAddWithoutValidation("Accept", Accept);
        foreach (var (name, value) in headers)
            message.Headers.TryAddWithoutValidation(name, value);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
            if (ContentType is not null)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        return message;
    }

    /// <summary>A list too long to be written down stands as "10001 times {…}".</summary>
    private static string Repeated(string text)
    {
        var word = text.IndexOf(" times ", StringComparison.Ordinal);
        return word > 0 && int.TryParse(text.AsSpan(0, word), out var times)
            ? "[" + string.Join(",", Enumerable.Repeat(text[(word + " times ".Length)..], times)) + "]"
            : text;
    }

    private static string TargetOf(JsonNode request, Placeholders placeholders)
    {
        var path = placeholders.Fill(request["path"]!.GetValue<string>());
        if (request["query"] is not JsonObject query)
            return path;
        var pairs = query.SelectMany(pair => pair.Value is JsonArray many ? many.Select(one => (pair.Key, one!.ToString())) : [(pair.Key, pair.Value?.ToString() ?? "")]);
        return path + "?" + string.Join("&", pairs.Select(pair => $"{pair.Key}={Uri.EscapeDataString(placeholders.Fill(pair.Item2))}"));
    }
}
