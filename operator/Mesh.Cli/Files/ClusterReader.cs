using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Runtime;

namespace Mesh.Cli.Files;

/// <summary>Lists what a cluster holds of the kinds that bear on the mesh.</summary>
internal static class ClusterReader
{
    /// <summary>The objects, and the kinds this user may not list.</summary>
    /// <exception cref="IOException">The cluster does not answer.</exception>
    public static async Task<(ImmutableArray<IKubernetesObject<V1ObjectMeta>> Objects, ImmutableArray<Type> Unlisted)> ReadAsync(KubernetesApi api, CancellationToken cancellation)
    {
        var objects = ImmutableArray.CreateBuilder<IKubernetesObject<V1ObjectMeta>>();
        var unlisted = ImmutableArray.CreateBuilder<Type>();
        foreach (var kind in ObjectReader.Kinds)
        {
            try
            {
                objects.AddRange(await ListAsync(api, kind, cancellation));
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Its definition is not installed, so there are none.
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
            {
                unlisted.Add(kind);
            }
            catch (ApiException e)
            {
                throw new IOException($"{api.Server}: {e.Message}");
            }
        }

        return (objects.ToImmutable(), unlisted.ToImmutable());
    }

    private static async Task<IEnumerable<IKubernetesObject<V1ObjectMeta>>> ListAsync(KubernetesApi api, Type kind, CancellationToken cancellation)
    {
        // Of all ConfigMaps one bears on the mesh.
        if (kind == typeof(V1ConfigMap))
            return await api.GetAsync<V1ConfigMap>(MeshNames.SettingsConfigMap, MeshNames.SystemNamespace, cancellation) is { } settings ? [settings] : [];
        var list = typeof(ClusterReader).GetMethod(nameof(AllAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(kind);
        return await (Task<IEnumerable<IKubernetesObject<V1ObjectMeta>>>)list.Invoke(null, [api, cancellation])!;
    }

    private static async Task<IEnumerable<IKubernetesObject<V1ObjectMeta>>> AllAsync<T>(KubernetesApi api, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta> => await api.ListAsync<T>(cancellationToken: cancellation);
}
