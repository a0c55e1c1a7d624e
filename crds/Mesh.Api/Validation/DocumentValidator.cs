using System.Text.Json;
using k8s.Models;
using Mesh.Api.Networking;
using Mesh.Api.Security;

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
        if (ApiKinds.All.FirstOrDefault(type => IsOf(type, apiVersion, kind)) is not { } entity)
        {
            found.Note("kind", $"{apiVersion} {kind}", "This kind was not looked at.", "Nothing is to be done if it belongs to another system.", FindingCodes.UnknownKind);
            return found.ToList();
        }

        DocumentShape.Check(found, "", entity, document);
        if (found.ToList().Any(f => f.Severity == Severity.Error && f.Code != FindingCodes.UnknownField))
            return found.ToList();
        return [.. found.ToList(), .. Rules(entity, document, resource)];
    }

    private static IReadOnlyList<Finding> Rules(Type entity, JsonElement document, string resource)
    {
        var space = Text(document, "metadata", "namespace");
        var spec = document.TryGetProperty("spec", out var given) && given.ValueKind != JsonValueKind.Null ? given : JsonDocument.Parse("{}").RootElement;
        return entity switch
        {
            _ when entity == typeof(V1VirtualService) => VirtualServiceValidator.Validate(ApiJson.ReadSpec<VirtualServiceSpec>(spec), space, resource),
            _ when entity == typeof(V1DestinationRule) => DestinationRuleValidator.Validate(ApiJson.ReadSpec<DestinationRuleSpec>(spec), space, resource),
            _ when entity == typeof(V1ServiceEntry) => ServiceEntryValidator.Validate(ApiJson.ReadSpec<ServiceEntrySpec>(spec), space, resource),
            _ when entity == typeof(V1WorkloadEntry) => WorkloadEntryValidator.Validate(ApiJson.ReadSpec<WorkloadEntrySpec>(spec), space, resource),
            _ when entity == typeof(V1Sidecar) => SidecarValidator.Validate(ApiJson.ReadSpec<SidecarSpec>(spec), space, resource),
            _ when entity == typeof(V1PeerAuthentication) => PeerAuthenticationValidator.Validate(ApiJson.ReadSpec<PeerAuthenticationSpec>(spec), space, resource),
            _ => throw new InvalidOperationException($"no rules for {entity.Name}"),
        };
    }

    private static bool IsOf(Type type, string apiVersion, string kind)
    {
        var entity = (KubernetesEntityAttribute)type.GetCustomAttributes(typeof(KubernetesEntityAttribute), false)[0];
        var resource = (CustomResourceAttribute)type.GetCustomAttributes(typeof(CustomResourceAttribute), false)[0];
        return kind == entity.Kind && resource.Versions.Any(v => apiVersion == $"{entity.Group}/{v}");
    }

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
