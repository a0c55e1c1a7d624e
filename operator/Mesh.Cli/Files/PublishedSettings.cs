using System.Text.Json;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Runtime;

namespace Mesh.Cli.Files;

/// <summary>What the operator of a cluster puts into pods, as it says in the annotation of its webhook.</summary>
internal static class PublishedSettings
{
    private const string Injector = "mesh-injector";

    /// <exception cref="IOException">There is no such operator, or the cluster does not answer.</exception>
    public static async Task<InjectionSettings> ReadAsync(KubernetesApi api, string @namespace, CancellationToken cancellation)
    {
        try
        {
            var webhook = await api.GetAsync<V1MutatingWebhookConfiguration>(Injector, null, cancellation);
            var served = webhook?.Webhooks?.FirstOrDefault()?.ClientConfig?.Service?.NamespaceProperty;
            if (webhook is null || (served is not null && served != @namespace))
                throw new IOException($"--operator-namespace {@namespace}: no operator there has registered its injector on {api.Server}{(served is null ? "" : $" (it is in {served})")}. Give the images by --init-image and --sidecar-image instead");
            return webhook.Metadata.Annotations?.TryGetValue(MeshLabels.InjectionSettings, out var text) == true
                ? InjectionSettings.FromJson(text)
                : throw new IOException($"the operator of {api.Server} does not say what it puts into pods: it is of an older version. Give the images by --init-image and --sidecar-image");
        }
        catch (Exception e) when (e is ApiException or JsonException)
        {
            throw new IOException($"{api.Server}: {e.Message}");
        }
    }
}
