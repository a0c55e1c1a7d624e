using System.Text.Json;
using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// Settings that stand as text within objects of Kubernetes: MeshConfig in its ConfigMap, ProxyConfig in an annotation of a
/// pod or of what makes pods. What enters is a document as written; what leaves is findings with paths into that text.
/// </summary>
public static class WrittenSettings
{
    private const string Annotation = "proxy.istio.io/config";

    // Where kinds that make pods write the pods' annotations.
    private static readonly string[][] Places = [[], ["spec", "template"], ["spec", "jobTemplate", "spec", "template"]];

    public static IReadOnlyList<Finding> Of(JsonElement document)
    {
        var resource = ResourceNames.Of(Text(document, "kind"), Text(document, "metadata", "namespace"), Text(document, "metadata", "name"));
        if (Text(document, "apiVersion") == "v1" && Text(document, "kind") == "ConfigMap")
            return IsSettings(document) ? [.. MeshWideSettingsReader.Read(Text(document, "data", MeshNames.SettingsKey)).Findings.Select(finding => finding with { Resource = resource })] : [];
        return [.. Places.SelectMany(place => OfPods(document, place, resource))];
    }

    // Istio's own is read too: whoever moves here has it at hand.
    private static bool IsSettings(JsonElement document) =>
        Text(document, "data", MeshNames.SettingsKey).Length > 0
        && (Text(document, "metadata", "name"), Text(document, "metadata", "namespace")) is (MeshNames.SettingsConfigMap, "" or MeshNames.SystemNamespace) or ("istio", "" or MeshNames.RootNamespace);

    private static IReadOnlyList<Finding> OfPods(JsonElement document, string[] place, string resource)
    {
        var yaml = Text(document, [.. place, "metadata", "annotations", Annotation]);
        if (yaml.Length == 0) return [];
        var path = string.Join('.', [.. place, "metadata", $"annotations[{Annotation}]"]);
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents.Count == 0 ? [] : MeshConfigValidator.ValidateProxy(JsonSerializer.SerializeToElement(YamlToJson.Convert(stream.Documents[0].RootNode)), resource, path);
        }
        catch (YamlException problem)
        {
            return [new Finding { Severity = Severity.Error, Code = FindingCodes.SchemaValidationError, Resource = resource, Path = path, Message = $"This is not YAML ({problem.Message}).", Remedy = "Write the fields of ProxyConfig as YAML." }];
        }
    }

    private static string Text(JsonElement document, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (document.ValueKind != JsonValueKind.Object || !document.TryGetProperty(name, out document)) return "";
        }

        return document.ValueKind == JsonValueKind.String ? document.GetString()! : "";
    }
}
