using System.Collections.Immutable;
using System.Text;
using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Volumes;

namespace Mesh.Local.Node.Pods;

/// <summary>A container's environment and its command with $(VARIABLE) expanded, as Kubernetes defines both.</summary>
internal sealed class ContainerEnvironment(VolumeObjects objects, PodPlacement placement)
{
    /// <exception cref="ContainerStartException">A reference that is not optional leads nowhere.</exception>
    public async Task<ImmutableArray<KeyValuePair<string, string>>> ResolveAsync(
        V1Pod pod, V1Container container, IEnumerable<KeyValuePair<string, string>> defaults, CancellationToken cancellation)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in defaults) values[name] = value;
        foreach (var source in container.EnvFrom ?? []) await AddAllAsync(values, pod, source, cancellation);
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is null
                ? Expand(variable.Value ?? "", values)
                : await ReferenceAsync(pod, container, variable.ValueFrom, cancellation);
            if (value is not null) values[variable.Name] = value;
        }

        return [.. values];
    }

    /// <summary>$(NAME) becomes the variable's value, $$ a dollar; what names no variable stays as it is.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> values)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is > 0 and var end && values.TryGetValue(text[(i + 2)..end], out var value))
            {
                result.Append(value);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    private async Task AddAllAsync(Dictionary<string, string> values, V1Pod pod, V1EnvFromSource source, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (source.ConfigMapRef is { } map)
        {
            var found = await objects.ConfigMap(ns, map.Name, cancellation);
            if (found is null && map.Optional != true) throw Missing($"configmap \"{map.Name}\" not found");
            foreach (var (key, value) in found?.Data ?? new Dictionary<string, string>()) values[source.Prefix + key] = value;
        }
        else if (source.SecretRef is { } secret)
        {
            var found = await objects.Secret(ns, secret.Name, cancellation);
            if (found is null && secret.Optional != true) throw Missing($"secret \"{secret.Name}\" not found");
            foreach (var (key, value) in found?.Data ?? new Dictionary<string, byte[]>()) values[source.Prefix + key] = Encoding.UTF8.GetString(value);
        }
    }

    /// <summary>The value, or null when an optional reference leads nowhere: the variable is then not set at all.</summary>
    private async Task<string?> ReferenceAsync(V1Pod pod, V1Container container, V1EnvVarSource from, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (from.FieldRef is { } field)
            return DownwardFields.Field(pod, field.FieldPath, placement) ?? throw Missing($"a pod has no field {field.FieldPath}");
        if (from.ResourceFieldRef is { } resource)
        {
            var of = resource.ContainerName is null ? container : pod.Spec.Containers.FirstOrDefault(c => c.Name == resource.ContainerName) ?? container;
            return DownwardFields.Resource(of, resource) ?? throw Missing($"there is no resource {resource.Resource}");
        }

        if (from.ConfigMapKeyRef is { } key)
        {
            var found = await objects.ConfigMap(ns, key.Name, cancellation);
            if (found?.Data?.TryGetValue(key.Key, out var value) == true) return value;
            return key.Optional == true ? null : throw Missing(found is null ? $"configmap \"{key.Name}\" not found" : $"configmap \"{key.Name}\" has no key \"{key.Key}\"");
        }

        if (from.SecretKeyRef is { } secret)
        {
            var found = await objects.Secret(ns, secret.Name, cancellation);
            if (found?.Data?.TryGetValue(secret.Key, out var value) == true) return Encoding.UTF8.GetString(value);
            return secret.Optional == true ? null : throw Missing(found is null ? $"secret \"{secret.Name}\" not found" : $"secret \"{secret.Name}\" has no key \"{secret.Key}\"");
        }

        throw Missing("valueFrom of a kind a local mesh does not have");
    }

    private static ContainerStartException Missing(string what) => new("CreateContainerConfigError", what, 0);
}
