using System.Collections.Immutable;
using System.Text;
using k8s.Models;

namespace Mesh.Local.Node.Volumes;

/// <summary>The files of a ConfigMap, Secret, downward or projected volume, from the objects as they are now.</summary>
internal sealed class VolumeContents(VolumeObjects objects, PodPlacement placement)
{
    private const int DefaultMode = 0x1A4; // 0644
    private const int OwnerOnly = 0x180; // 0600

    /// <summary>The files, or null when the volume is not of a kind that has any.</summary>
    /// <exception cref="VolumeException">An object or key that is not optional does not exist.</exception>
    public async Task<ImmutableSortedDictionary<string, VolumeFile>?> ReadAsync(V1Pod pod, V1Volume volume, CancellationToken cancellation)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, VolumeFile>(StringComparer.Ordinal);
        if (volume.ConfigMap is { } map)
            await ConfigMapAsync(files, pod, map.Name, map.Items, map.Optional ?? false, map.DefaultMode, cancellation);
        else if (volume.Secret is { } secret)
            await SecretAsync(files, pod, secret.SecretName, secret.Items, secret.Optional ?? false, secret.DefaultMode, cancellation);
        else if (volume.DownwardAPI is { } downward)
            Downward(files, pod, downward.Items, downward.DefaultMode);
        else if (volume.Projected is { } projected)
            foreach (var source in projected.Sources ?? []) await ProjectAsync(files, pod, source, projected.DefaultMode, cancellation);
        else
            return null;
        return files.ToImmutable();
    }

    private async Task ProjectAsync(ImmutableSortedDictionary<string, VolumeFile>.Builder files, V1Pod pod, V1VolumeProjection source, int? mode, CancellationToken cancellation)
    {
        if (source.ConfigMap is { } map) await ConfigMapAsync(files, pod, map.Name, map.Items, map.Optional ?? false, mode, cancellation);
        else if (source.Secret is { } secret) await SecretAsync(files, pod, secret.Name, secret.Items, secret.Optional ?? false, mode, cancellation);
        else if (source.DownwardAPI is { } downward) Downward(files, pod, downward.Items, mode);
        else if (source.ServiceAccountToken is { } token)
        {
            var text = await objects.Token(pod, token.Audience, token.ExpirationSeconds ?? 3600, cancellation);
            // As a kubelet: a pod with a group of its own keeps its tokens from all others (the group's right is added with its files).
            Add(files, token.Path, Encoding.UTF8.GetBytes(text), pod.Spec.SecurityContext?.FsGroup is null ? mode ?? DefaultMode : OwnerOnly);
        }
        else throw new VolumeException("a source of a projected volume is of a kind a local mesh does not have");
    }

    private async Task ConfigMapAsync(
        ImmutableSortedDictionary<string, VolumeFile>.Builder files, V1Pod pod, string name, IList<V1KeyToPath>? items, bool optional, int? mode, CancellationToken cancellation)
    {
        var map = await objects.ConfigMap(pod.Metadata.NamespaceProperty, name, cancellation);
        if (map is null && !optional) throw new VolumeException($"configmap \"{name}\" not found");
        var content = (map?.Data ?? new Dictionary<string, string>()).ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value));
        foreach (var (key, value) in map?.BinaryData ?? new Dictionary<string, byte[]>()) content[key] = value;
        if (map is not null || !optional) AddKeys(files, $"configmap \"{name}\"", content, items, optional, mode);
    }

    private async Task SecretAsync(
        ImmutableSortedDictionary<string, VolumeFile>.Builder files, V1Pod pod, string name, IList<V1KeyToPath>? items, bool optional, int? mode, CancellationToken cancellation)
    {
        var secret = await objects.Secret(pod.Metadata.NamespaceProperty, name, cancellation);
        if (secret is null && !optional) throw new VolumeException($"secret \"{name}\" not found");
        if (secret is not null) AddKeys(files, $"secret \"{name}\"", secret.Data ?? new Dictionary<string, byte[]>(), items, optional, mode);
    }

    private static void AddKeys(
        ImmutableSortedDictionary<string, VolumeFile>.Builder files, string source, IDictionary<string, byte[]> content, IList<V1KeyToPath>? items, bool optional, int? mode)
    {
        if (items is null or { Count: 0 })
        {
            foreach (var (key, value) in content) Add(files, key, value, mode ?? DefaultMode);
            return;
        }

        foreach (var item in items)
        {
            if (content.TryGetValue(item.Key, out var value)) Add(files, item.Path, value, item.Mode ?? mode ?? DefaultMode);
            else if (!optional) throw new VolumeException($"{source} has no key \"{item.Key}\"");
        }
    }

    private void Downward(ImmutableSortedDictionary<string, VolumeFile>.Builder files, V1Pod pod, IList<V1DownwardAPIVolumeFile>? items, int? mode)
    {
        foreach (var item in items ?? [])
        {
            var text = item.FieldRef is { } field
                ? DownwardFields.Field(pod, field.FieldPath, placement) ?? throw new VolumeException($"a pod has no field {field.FieldPath}")
                : Resource(pod, item.ResourceFieldRef);
            Add(files, item.Path, Encoding.UTF8.GetBytes(text), item.Mode ?? mode ?? DefaultMode);
        }
    }

    private static string Resource(V1Pod pod, V1ResourceFieldSelector? selector)
    {
        var container = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(c => c.Name == selector?.ContainerName);
        return (container is null || selector is null ? null : DownwardFields.Resource(container, selector))
            ?? throw new VolumeException($"no resource {selector?.Resource} of container \"{selector?.ContainerName}\"");
    }

    private static void Add(ImmutableSortedDictionary<string, VolumeFile>.Builder files, string path, byte[] content, int mode)
    {
        if (path.StartsWith('/') || path.Split('/').Contains("..")) throw new VolumeException($"a file of a volume cannot lie at \"{path}\"");
        files[path] = new VolumeFile(content, (UnixFileMode)mode);
    }
}
