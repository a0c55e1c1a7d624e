using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>A field selector: equality on the few fields a kind can be asked by. Any other field is refused, not ignored.</summary>
internal sealed class FieldSelector(ImmutableArray<(string Path, bool Equal, string Value)> terms)
{
    public static FieldSelector Everything { get; } = new([]);

    public bool IsEmpty => terms.IsEmpty;

    /// <summary>The name the selector asks for, when it asks for one.</summary>
    public string? Name => terms.Where(term => term is { Path: "metadata.name", Equal: true }).Select(term => term.Value).FirstOrDefault();

    public bool Matches(JsonElement item)
    {
        foreach (var (path, equal, value) in terms)
        {
            if ((Value(item, path) == value) != equal)
                return false;
        }

        return true;
    }

    public static FieldSelector Parse(string text, ApiResource resource, ServedVersion version)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var terms = ImmutableArray.CreateBuilder<(string, bool, string)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw StatusException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            var negative = part[equals - 1] == '!';
            var path = part[..(negative ? equals - 1 : equals)].Trim();
            var value = part[(equals + 1)..].TrimStart('=').Trim();
            if (path is not ("metadata.name" or "metadata.namespace") && !Fields(resource, version).Contains(path))
                throw StatusException.BadRequest(Unsupported(resource, path));
            terms.Add((path, !negative, value));
        }

        return new FieldSelector(terms.ToImmutable());
    }

    private static string Unsupported(ApiResource resource, string path) =>
        resource.IsCustom || resource.Kind is "Pod" or "Node" or "Event" or "Namespace" or "Secret" or "Service" or "ReplicationController"
            ? "field label not supported: " + path
            : $"\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    private static IEnumerable<string> Fields(ApiResource resource, ServedVersion version) => resource.Kind switch
    {
        _ when resource.IsCustom => version.SelectableFields,
        "Pod" => ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"],
        "Node" => ["spec.unschedulable"],
        "Event" => ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source", "type", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
            "regarding.apiVersion", "regarding.fieldPath", "reportingController"],
        "Namespace" => ["status.phase", "name"],
        "Secret" => ["type"],
        "Service" => ["spec.clusterIP", "spec.type"],
        "ReplicaSet" or "ReplicationController" => ["status.replicas"],
        "Job" => ["status.successful"],
        _ => [],
    };

    private static string Value(JsonElement item, string path)
    {
        var field = path switch
        {
            "source" => item.At("source", "component"),
            "name" => item.At("metadata", "name"),
            _ => item.At(path.Replace("regarding.", "involvedObject.", StringComparison.Ordinal).Split('.')),
        };
        return field switch
        {
            null when path is "spec.unschedulable" or "spec.hostNetwork" => "false",
            null => "",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } other => other.GetRawText(),
        };
    }
}
