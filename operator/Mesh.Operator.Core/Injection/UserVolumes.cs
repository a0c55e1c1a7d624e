using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Volumes that a pod's author wants in the sidecar too, such as a Secret with certificates that a DestinationRule names by
/// path. Written as JSON: an array of Kubernetes' own volumes and mounts, or, as in Istio's first form, an object by their names.
/// </summary>
internal sealed record UserVolumes
{
    public const string Volumes = "sidecar.istio.io/userVolume";
    public const string Mounts = "sidecar.istio.io/userVolumeMount";

    public static readonly UserVolumes None = new();

    // What the sidecar is told, trusts and proves itself with.
    private static readonly string[] Reserved = ["/etc/mesh", "/var/run/mesh", "/var/run/secrets/mesh"];

    public ImmutableArray<V1Volume> Added { get; init; } = [];

    public ImmutableArray<V1VolumeMount> Mounted { get; init; } = [];

    public static UserVolumes Read(IDictionary<string, string> annotations, ImmutableArray<string>.Builder problems)
    {
        var volumes = Read<V1Volume>(annotations, Volumes, problems);
        foreach (var volume in volumes.Where(volume => PodInjector.OwnVolumes.Contains(volume.Name)))
            problems.Add($"metadata.annotations[{Volumes}]: the name \"{volume.Name}\" is a volume of the injector's. Give the volume another name.");
        var mounts = Read<V1VolumeMount>(annotations, Mounts, problems);
        foreach (var mount in mounts)
        {
            if (mount.MountPath is not ['/', ..])
                problems.Add($"metadata.annotations[{Mounts}]: the mountPath of \"{mount.Name}\" is \"{mount.MountPath}\" and must be an absolute path. Write for example /etc/certs.");
            else if (Reserved.Any(path => IsWithin(mount.MountPath, path) || IsWithin(path, mount.MountPath)))
                problems.Add($"metadata.annotations[{Mounts}]: the mountPath of \"{mount.Name}\", {mount.MountPath}, is the sidecar's own. Choose another, for example /etc/certs.");
        }

        return new UserVolumes { Added = volumes, Mounted = mounts };
    }

    /// <summary>What keeps these from joining the pod's own volumes.</summary>
    public IEnumerable<string> ProblemsWith(IList<V1Volume>? volumes)
    {
        foreach (var added in Added)
            if (volumes?.FirstOrDefault(volume => volume.Name == added.Name) is { } present && !Holds(present, added))
                yield return $"metadata.annotations[{Volumes}]: the pod has another volume named \"{added.Name}\". Give one of them another name.";
        foreach (var mount in Mounted.Where(mount => Added.All(volume => volume.Name != mount.Name) && volumes?.Any(volume => volume.Name == mount.Name) != true))
            yield return $"metadata.annotations[{Mounts}]: neither the pod nor {Volumes} has a volume named \"{mount.Name}\". Add it, or correct the name.";
    }

    private static ImmutableArray<T> Read<T>(IDictionary<string, string> annotations, string name, ImmutableArray<string>.Builder problems)
        where T : class
    {
        if (!annotations.TryGetValue(name, out var text) || string.IsNullOrWhiteSpace(text)) return [];
        try
        {
            var items = JsonNode.Parse(text) switch
            {
                JsonArray array => array.Select(item => item),
                JsonObject byName => byName.Select(pair => Named(pair.Key, pair.Value)),
                _ => [],
            };
            var read = items.Select(item => item is JsonObject { } one && one["name"] is JsonValue ? KubernetesJson.Deserialize<T>(one.ToJsonString()) : throw new JsonException("each needs a name")).ToImmutableArray();
            if (read.Length > 0 || JsonNode.Parse(text) is JsonArray or JsonObject) return read;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Told below.
        }

        problems.Add($"metadata.annotations[{name}]: \"{text}\" is no JSON array of {(typeof(T) == typeof(V1Volume) ? "volumes" : "volumeMounts")} as pods have them. Write for example {Example<T>()}.");
        return [];
    }

    private static JsonObject? Named(string name, JsonNode? body)
    {
        if (body is not JsonObject one) return null;
        var named = one.DeepClone().AsObject();
        named["name"] = name;
        return named;
    }

    private static string Example<T>() => typeof(T) == typeof(V1Volume) ? """[{"name": "certs", "secret": {"secretName": "certs"}}]""" : """[{"name": "certs", "mountPath": "/etc/certs", "readOnly": true}]""";

    private static bool IsWithin(string path, string directory) => path.TrimEnd('/') == directory || path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);

    // Ours of an earlier pass has had Kubernetes' defaults filled in since.
    private static bool Holds(V1Volume present, V1Volume wanted) => Holds(JsonNode.Parse(KubernetesJson.Serialize(present)), JsonNode.Parse(KubernetesJson.Serialize(wanted)));

    private static bool Holds(JsonNode? present, JsonNode? wanted) => wanted switch
    {
        JsonObject fields => present is JsonObject has && fields.All(field => Holds(has[field.Key], field.Value)),
        JsonArray items => present is JsonArray has && has.Count == items.Count && items.Zip(has).All(pair => Holds(pair.Second, pair.First)),
        _ => JsonNode.DeepEquals(present, wanted),
    };
}
