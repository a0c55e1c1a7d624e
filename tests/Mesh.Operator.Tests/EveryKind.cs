using k8s;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Tests;

/// <summary>Lists the objects of each kind of the API: throws while one of them is not served.</summary>
internal sealed class EveryKind(KubernetesApi api) : IApiKindVisitor<Task>
{
    public static async Task ListAsync(KubernetesApi api)
    {
        var every = new EveryKind(api);
        foreach (var kind in ApiKinds.Table) await kind.Accept(every);
    }

    public Task Visit<TEntity, TSpec>(ApiKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
        where TSpec : class, ISpecFromUser, new() => api.ListAsync<TEntity>();
}
