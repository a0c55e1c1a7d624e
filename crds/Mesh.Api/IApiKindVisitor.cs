using k8s;
using k8s.Models;

namespace Mesh.Api;

/// <summary>Something done for each kind with its types at hand, such as registering a controller.</summary>
public interface IApiKindVisitor<TResult>
{
    /// <summary>Does it for one kind.</summary>
    TResult Visit<TEntity, TSpec>(ApiKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
        where TSpec : class, ISpecFromUser, new();
}
