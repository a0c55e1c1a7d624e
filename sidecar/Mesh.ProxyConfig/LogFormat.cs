using System.Text.Json;

namespace Mesh.Config;

/// <summary>Formats of the access log: Envoy's text with operators, or a JSON object whose strings are such texts.</summary>
public static class LogFormat
{
    /// <summary>What is wrong with a format; <c>null</c> when nothing is. An empty one is Istio's own.</summary>
    public static string? Problem(string format, bool json)
    {
        if (format.Length == 0) return null;
        if (!json) return FormatText.Problem(format);
        try
        {
            using var document = JsonDocument.Parse(format);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Problem(document.RootElement) : "with accessLogEncoding JSON the format is a JSON object";
        }
        catch (JsonException)
        {
            return "with accessLogEncoding JSON the format is a JSON object";
        }
    }

    /// <summary>Operators of a valid format that no sidecar fills in.</summary>
    public static IReadOnlyCollection<string> Unknown(string format, bool json)
    {
        if (!json) return [.. FormatText.Unknown(format)];
        using var document = JsonDocument.Parse(format);
        return [.. Texts(document.RootElement).SelectMany(FormatText.Unknown).Distinct()];
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Texts(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        _ => [],
    };

    private static string? Problem(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => FormatText.Problem(element.GetString()!),
        JsonValueKind.Object => element.EnumerateObject().Select(member => Problem(member.Value)).FirstOrDefault(problem => problem is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(Problem).FirstOrDefault(problem => problem is not null),
        _ => null,
    };
}
