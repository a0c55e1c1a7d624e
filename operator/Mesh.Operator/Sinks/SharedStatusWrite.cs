using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Sinks;

/// <summary>
/// Writes our conditions into a status that others write too: read as it stands, changed, and written on the condition that nobody
/// wrote meanwhile (resourceVersion). Gives the object as it is then; null when it is another than the one that was judged.
/// </summary>
internal sealed record SharedStatusWrite(IKubernetesClient Client, EntityKey Key, StatusPatch Patch, CancellationToken Cancelled) : IApiKindVisitor<Task<IKubernetesObject<V1ObjectMeta>?>>
{
    // A rival that writes on each of our writes is met again later, with the queue's back-off.
    private const int Tries = 5;

    public async Task<IKubernetesObject<V1ObjectMeta>?> Visit<TEntity, TSpec>(ApiKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
        where TSpec : class, ISpecFromUser, new()
    {
        for (var left = Tries - 1; ; left--)
        {
            var standing = await Client.GetRawAsync<TEntity>(Key, Cancelled);
            if (standing?["metadata"] is not JsonObject metadata || (string?)metadata["uid"] != Patch.Uid) return null;
            var current = standing["status"] as JsonObject;
            var wanted = SharedStatus.Written(current, Patch.Status);
            if (JsonNode.DeepEquals(current ?? [], wanted)) return KubernetesJson.Deserialize<TEntity>(standing.ToJsonString());
            var body = new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = Patch.Uid, ["resourceVersion"] = metadata["resourceVersion"]?.DeepClone() },
                ["status"] = MergePatch.Between(current, wanted),
            };
            try
            {
                return await Client.PatchAsync<TEntity>(Key, body.ToJsonString(), "status", Cancelled);
            }
            catch (ApiException e) when (e.IsConflict && left > 0)
            {
                // Somebody was first: what he wrote is read and kept.
            }
        }
    }
}
