using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>From a template to a pod, and the short hash by which templates are told apart. Pure.</summary>
internal static class PodTemplates
{
    public const string HashLabel = "pod-template-hash";

    /// <summary>Letters and digits as Kubernetes' own hashes have them: no vowels, so no words.</summary>
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Of what the template says, in whatever order; the label that carries the hash itself does not count.</summary>
    public static string Hash(V1PodTemplateSpec template)
    {
        var json = JsonNode.Parse(KubernetesJson.Serialize(template))!;
        if (json["metadata"]?["labels"] is JsonObject labels) labels.Remove(HashLabel);
        var text = new StringBuilder();
        Write(text, json);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return string.Concat(digest.Take(10).Select(b => Alphabet[b % Alphabet.Length]));
    }

    public static V1Pod Pod(V1PodTemplateSpec template, IKubernetesObject<V1ObjectMeta> owner, string apiVersion, string kind)
    {
        var copy = Copy(template);
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = owner.Metadata.Name + "-",
                NamespaceProperty = owner.Metadata.NamespaceProperty,
                Labels = copy.Metadata?.Labels,
                Annotations = copy.Metadata?.Annotations,
                Finalizers = copy.Metadata?.Finalizers,
                OwnerReferences = [Owner(owner, apiVersion, kind)],
            },
            Spec = copy.Spec,
        };
    }

    public static V1PodTemplateSpec Copy(V1PodTemplateSpec template) => KubernetesJson.Deserialize<V1PodTemplateSpec>(KubernetesJson.Serialize(template));

    public static V1OwnerReference Owner(IKubernetesObject<V1ObjectMeta> owner, string apiVersion, string kind) => new()
    {
        ApiVersion = apiVersion,
        Kind = kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    public static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true;

    public static bool IsFinished(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static bool IsTerminating(V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    /// <summary>Ready for at least <paramref name="seconds"/>.</summary>
    public static bool IsAvailable(V1Pod pod, int seconds, DateTime now) =>
        IsReady(pod) && (seconds == 0 || pod.Status.Conditions.First(c => c.Type == "Ready").LastTransitionTime?.AddSeconds(seconds) <= now);

    /// <summary>A number or a percentage of <paramref name="of"/>.</summary>
    public static int Share(IntOrString? value, int of, bool roundUp, string otherwise)
    {
        var text = value?.Value ?? otherwise;
        if (!text.EndsWith('%')) return int.Parse(text, CultureInfo.InvariantCulture);
        var share = double.Parse(text[..^1], CultureInfo.InvariantCulture) / 100 * of;
        return (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }

    /// <summary>JSON whose members stand in the order of their names.</summary>
    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                text.Append('{');
                foreach (var (name, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    text.Append('"').Append(name).Append("\":");
                    Write(text, value);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var item in list)
                {
                    Write(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
