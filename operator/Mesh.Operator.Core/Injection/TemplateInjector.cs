using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// The sidecar in objects as files hold them: pods, and what makes pods. What enters is an object as JSON; what leaves is the same
/// object with the sidecar in its template, all else as it was written, fields this version does not know among it. A template
/// gets no stamp: its pods cannot share a record, and are told over their control sessions alone. Where the webhook sees such a pod
/// (its namespace asks), it stamps it like any other.
/// </summary>
/// <param name="settings">What is put in.</param>
/// <param name="namespaceLabels">Labels of the namespaces that are known.</param>
/// <param name="defaultNamespace">Of objects that name none.</param>
public sealed class TemplateInjector(InjectionSettings settings, IReadOnlyDictionary<string, LabelSet> namespaceLabels, string defaultNamespace)
{
    private static readonly string[] InTemplate = ["spec", "template"];

    // Where a kind writes the pods it makes.
    private static readonly Dictionary<(string ApiVersion, string Kind), string[]> Places = new()
    {
        [("v1", "Pod")] = [],
        [("v1", "ReplicationController")] = InTemplate,
        [("apps/v1", "Deployment")] = InTemplate,
        [("apps/v1", "StatefulSet")] = InTemplate,
        [("apps/v1", "DaemonSet")] = InTemplate,
        [("apps/v1", "ReplicaSet")] = InTemplate,
        [("batch/v1", "Job")] = InTemplate,
        [("batch/v1", "CronJob")] = ["spec", "jobTemplate", "spec", "template"],
    };

    private readonly ImmutableArray<string>.Builder problems = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<string>.Builder remarks = ImmutableArray.CreateBuilder<string>();

    /// <summary>What cannot have a sidecar and should, a line each.</summary>
    public ImmutableArray<string> Problems => problems.ToImmutable();

    /// <summary>What was left as it is, and what has no effect, a line each.</summary>
    public ImmutableArray<string> Remarks => remarks.ToImmutable();

    /// <summary>Puts the sidecar into the object, or into each of a List. False: it is as it was.</summary>
    public bool Inject(JsonObject item)
    {
        var kind = Text(item, "kind");
        if (kind.EndsWith("List", StringComparison.Ordinal) && item["items"] is JsonArray items)
            return items.OfType<JsonObject>().Aggregate(false, (changed, one) => Inject(one) | changed);
        if (!Places.TryGetValue((Text(item, "apiVersion"), kind), out var place)) return false;
        var template = place.Aggregate((JsonNode?)item, (node, name) => (node as JsonObject)?[name]) as JsonObject;
        if (template?["spec"] is not JsonObject) return false;
        try
        {
            return Inject(item, template);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            problems.Add($"{NameOf(item)}: the object cannot be read: {e.Message}");
            return false;
        }
    }

    private bool Inject(JsonObject item, JsonObject template)
    {
        var pod = PodOf(item, template);
        var space = Text(item["metadata"] as JsonObject, "namespace") is { Length: > 0 } named ? named : defaultNamespace;
        if (SystemNamespaces.Contains(space))
        {
            remarks.Add($"{NameOf(item)} is left as it is: pods of namespace {space} get no sidecar");
            return false;
        }

        var decision = InjectionPolicy.Decide(pod, namespaceAsks: true, new InjectionPlace { NamespaceLabels = namespaceLabels.GetValueOrDefault(space, LabelSet.Empty) });
        if (decision.Verdict == InjectionVerdict.Leave) remarks.Add($"{NameOf(item)} is left as it is: {decision.Reason}");
        if (decision.Verdict == InjectionVerdict.Refuse) problems.Add($"{NameOf(item)}: the sidecar cannot be injected: {decision.Reason}");
        if (decision.Verdict != InjectionVerdict.Inject) return false;

        var result = PodInjector.Inject(pod, settings, null);
        problems.AddRange(result.Problems.Select(problem => $"{NameOf(item)}: {problem}"));
        remarks.AddRange(result.Warnings.Select(warning => $"{NameOf(item)}: {warning}"));
        return result.Pod is not null && JsonChange.Carry(template, Node(pod), Node(result.Pod));
    }

    private static V1Pod PodOf(JsonObject item, JsonObject template)
    {
        var pod = new V1Pod
        {
            Metadata = template["metadata"] is JsonObject metadata ? KubernetesJson.Deserialize<V1ObjectMeta>(metadata.ToJsonString()) : new V1ObjectMeta(),
            Spec = KubernetesJson.Deserialize<V1PodSpec>(template["spec"]!.ToJsonString()),
        };
        // Pods of a template have the names of what makes them before their own.
        if (!ReferenceEquals(item, template)) pod.Metadata.GenerateName = Text(item["metadata"] as JsonObject, "name") + "-";
        return pod;
    }

    private static JsonObject Node(V1Pod pod) => JsonNode.Parse(KubernetesJson.Serialize(pod))!.AsObject();

    private static string NameOf(JsonObject item)
    {
        var metadata = item["metadata"] as JsonObject;
        return ResourceNames.Of(Text(item, "kind"), Text(metadata, "namespace"), Text(metadata, "name"));
    }

    private static string Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
