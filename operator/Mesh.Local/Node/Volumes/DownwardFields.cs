using System.Globalization;
using System.Text;
using k8s.Models;

namespace Mesh.Local.Node.Volumes;

/// <summary>What a pod may ask about itself (the downward API). Pure.</summary>
internal static class DownwardFields
{
    /// <summary>The value of <paramref name="path"/>, or null when there is no such field.</summary>
    public static string? Field(V1Pod pod, string path, PodPlacement placement)
    {
        if (Subscript(path, "metadata.labels") is { } label) return pod.Metadata.Labels?.TryGetValue(label, out var l) == true ? l : "";
        if (Subscript(path, "metadata.annotations") is { } annotation) return pod.Metadata.Annotations?.TryGetValue(annotation, out var a) == true ? a : "";
        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName ?? "",
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" => placement.PodIPs[0],
            "status.podIPs" => string.Join(',', placement.PodIPs),
            "status.hostIP" or "status.hostIPs" => placement.HostIP,
            _ => null,
        };
    }

    /// <summary>A container's request or limit in units of the divisor; what it does not set is the machine's own size.</summary>
    public static string? Resource(V1Container container, V1ResourceFieldSelector selector)
    {
        var (kind, resource) = selector.Resource.Split('.', 2) is [var k, var r] ? (k, r) : ("", selector.Resource);
        var given = kind switch
        {
            "limits" => container.Resources?.Limits,
            "requests" => container.Resources?.Requests,
            _ => null,
        };
        if (kind is not ("limits" or "requests")) return null;
        var value = given is not null && given.TryGetValue(resource, out var quantity) ? quantity.ToDecimal() : Machine(resource);
        if (value is null) return null;
        var divisor = selector.Divisor is { } d && d.ToDecimal() is var number && number != 0 ? number : 1;
        return Math.Ceiling(value.Value / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private static decimal? Machine(string resource) => resource switch
    {
        "cpu" => Environment.ProcessorCount,
        "memory" => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        "ephemeral-storage" => 0,
        _ => null,
    };

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;

    private static string Lines(IDictionary<string, string>? pairs) =>
        string.Join('\n', (pairs ?? new Dictionary<string, string>())
            .OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => $"{p.Key}={Quote(p.Value)}"));

    /// <summary>Quoted as Go quotes a string, which is what readers of these files expect.</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\u007f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
