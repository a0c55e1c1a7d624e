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
        var resource = NameOf(document);
        var found = new FindingList(resource);
        if (KindOf(document) is not { } entity)
        {
            if (!IsOfKubernetes(apiVersion))
                found.Warning("kind", $"{apiVersion} {kind}", "This kind was not looked at.", Remedy(apiVersion, kind), FindingCodes.UnknownKind);
            return found.ToList();
        }

        DocumentShape.Check(found, "", entity.EntityType, document);
        if (found.ToList().Any(f => f.Severity == Severity.Error && f.Code != FindingCodes.UnknownField))
            return found.ToList();
        return [.. found.ToList(), .. entity.Validate(SpecOf(document), HeadOf(document, resource))];
    }

    /// <summary>The kind of the API a document is of; <c>null</c> when it is none of ours.</summary>
    internal static ApiKind? KindOf(JsonElement document)
    {
        var (kind, apiVersion) = (Text(document, "kind"), Text(document, "apiVersion"));
        return ApiKinds.Table.FirstOrDefault(known => IsOf(known, apiVersion, kind));
    }

    /// <summary>How findings name a document.</summary>
    internal static string NameOf(JsonElement document) =>
        ResourceNames.Of(Text(document, "kind"), Text(document, "metadata", "namespace"), Text(document, "metadata", "name"));

    /// <summary>Its spec; an empty one when it has none.</summary>
    internal static JsonElement SpecOf(JsonElement document) =>
        document.TryGetProperty("spec", out var given) && given.ValueKind != JsonValueKind.Null ? given : JsonDocument.Parse("{}").RootElement;

    private static bool IsOf(ApiKind known, string apiVersion, string kind) =>
        kind == known.Kind && known.Versions.Any(version => apiVersion == $"{known.Group}/{version}");

    // Kubernetes' own kinds lie beside rules in every directory; what is wrong with them its API server tells.
    private static bool IsOfKubernetes(string apiVersion)
    {
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
        return group is "" or "apps" or "batch" or "autoscaling" or "policy" or "kustomize.config.k8s.io"
            || (group.EndsWith(".k8s.io", StringComparison.Ordinal) && group != "gateway.networking.k8s.io");
    }

    private static string Remedy(string apiVersion, string kind)
    {
        if (ApiKinds.Named(kind) is { } meant && apiVersion.StartsWith(meant.Group + "/", StringComparison.Ordinal))
            return $"{kind} is served as {string.Join(", ", meant.Versions.Select(version => $"{meant.Group}/{version}"))}.";
        return Spelling.Nearest(kind, ApiKinds.Table.Select(known => known.Kind)) is { } near && ApiKinds.Named(near) is { } known && (near != kind || apiVersion.Contains("istio", StringComparison.Ordinal))
            ? $"Did you mean {known.Group}/{known.Versions[0]} {near}?"
            : "Nothing is to be done if it belongs to another system.";
    }

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
