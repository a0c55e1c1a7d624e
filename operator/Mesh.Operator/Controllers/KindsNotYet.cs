using k8s;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Controllers;

/// <summary>Gives each kind this version does not act on the controller that tells so.</summary>
internal sealed class KindsNotYet(OperatorBuilder builder) : IApiKindVisitor<OperatorBuilder>
{
    public static void AddTo(OperatorBuilder builder)
    {
        var kinds = new KindsNotYet(builder);
        foreach (var kind in ApiKinds.Table.Where(kind => kind.NotYet is not null)) kind.Accept(kinds);
    }

    public OperatorBuilder Visit<TEntity, TSpec>(ApiKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
        where TSpec : class, ISpecFromUser, new() => builder.AddController<KindNotYetController<TEntity, TSpec>, TEntity>();
}
