using System.Text.Json;

namespace Mesh.Api.Validation;

/// <summary>
/// Judges a resource as written (YAML or JSON, before any API server saw it): unknown fields and wrong types first, then
/// the rules of its kind.
/// </summary>
public static class DocumentValidator
{
    /// <summary>What is wrong with a document; one of a kind that is not ours gets a note that it was not looked at.</summary>
    public static IReadOnlyList<Finding> Validate(JsonElement document)
    {
        var kind = Text(document, "kind");
        var apiVersion = Text(document, "apiVersion");
        var resource = ResourceNames.Of(kind, Text(document, "metadata", "namespace"), Text(document, "metadata", "name"));
        var found = new FindingList(resource);
        if (ApiKinds.Table.FirstOrDefault(known => IsOf(known, apiVersion, kind)) is not { } entity)
        {
            found.Note("kind", $"{apiVersion} {kind}", "This kind was not looked at.", "Nothing is to be done if it belongs to another system.", FindingCodes.UnknownKind);
            return found.ToList();
        }

        DocumentShape.Check(found, "", entity.EntityType, document);
        if (found.ToList().Any(f => f.Severity == Severity.Error && f.Code != FindingCodes.UnknownField))
            return found.ToList();
        var spec = document.TryGetProperty("spec", out var given) && given.ValueKind != JsonValueKind.Null ? given : JsonDocument.Parse("{}").RootElement;
        return [.. found.ToList(), .. entity.Validate(spec, HeadOf(document, resource))];
    }

    private static bool IsOf(ApiKind known, string apiVersion, string kind) =>
        kind == known.Kind && known.Versions.Any(version => apiVersion == $"{known.Group}/{version}");

    private static ObjectHead HeadOf(JsonElement document, string resource) => new()
    {
        Resource = resource,
        Namespace = Text(document, "metadata", "namespace"),
        Name = Text(document, "metadata", "name"),
        Labels = Texts(document, "labels"),
        Annotations = Texts(document, "annotations"),
    };

    private static Dictionary<string, string> Texts(JsonElement document, string name) =>
        document.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.String).GroupBy(entry => entry.Name).ToDictionary(entry => entry.Key, entry => entry.Last().Value.GetString()!)
            : [];

    private static string Text(JsonElement document, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (document.ValueKind != JsonValueKind.Object || !document.TryGetProperty(name, out document))
                return "";
        }

        return document.ValueKind == JsonValueKind.String ? document.GetString()! : "";
    }
}
