using k8s;
using k8s.Autorest;
using k8s.Models;
using Mesh.Local.Node.Pods;
using Mesh.Local.Node.Volumes;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Node;

/// <summary>The node's reads and writes at the API server, as the workers know them.</summary>
internal static class ApiPodWrites
{
    public static PodApi Writes(KubernetesApi api, IKubernetes kubernetes, PodEventWriter events) => new()
    {
        WriteStatus = async (pod, status, cancellation) =>
        {
            try
            {
                await api.StrategicPatchAsync<V1Pod>(EntityKey.Of(pod.Metadata), PodStatusPatch.Build(pod, status), "status", cancellation);
                return true;
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict || e.Code == System.Net.HttpStatusCode.UnprocessableEntity)
            {
                // Gone, or another of its name: then there is nobody to tell. Anything else is our mistake and is not silent.
                var now = await api.GetAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellation);
                if (now?.Metadata.Uid == pod.Metadata.Uid) throw;
                return false;
            }
        },
        Remove = async (pod, cancellation) =>
        {
            try
            {
                await kubernetes.CoreV1.DeleteNamespacedPodAsync(pod.Metadata.Name, pod.Metadata.NamespaceProperty,
                    new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid } },
                    gracePeriodSeconds: 0, cancellationToken: cancellation);
            }
            catch (HttpOperationException e) when ((int)e.Response.StatusCode is 404 or 409)
            {
                // Gone already, or another pod has the name now.
            }
        },
        Tell = events.Tell,
    };

    public static VolumeObjects Reads(KubernetesApi api, IKubernetes kubernetes, TimeProvider time) => new()
    {
        ConfigMap = (ns, name, cancellation) => api.GetAsync<V1ConfigMap>(name, ns, cancellation),
        Secret = (ns, name, cancellation) => api.GetAsync<V1Secret>(name, ns, cancellation),
        Token = new TokenCache((pod, audience, seconds, cancellation) => TokenAsync(kubernetes, pod, audience, seconds, cancellation), time).GetAsync,
    };

    private static async Task<string> TokenAsync(IKubernetes kubernetes, V1Pod pod, string? audience, long seconds, CancellationToken cancellation)
    {
        var account = pod.Spec.ServiceAccountName ?? "default";
        try
        {
            var request = new Authenticationv1TokenRequest
            {
                Spec = new V1TokenRequestSpec
                {
                    Audiences = audience is null ? [] : [audience],
                    ExpirationSeconds = seconds,
                    BoundObjectRef = new V1BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
                },
            };
            var answer = await kubernetes.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, account, pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
            return answer.Status.Token;
        }
        catch (HttpOperationException e)
        {
            throw new VolumeException($"no token for service account \"{account}\": {e.Message}");
        }
    }
}
