using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Telemetry;
using Mesh.Api.Security;
using Mesh.Api.Networking;
using Mesh.Api.Extensions;
using Mesh.Operator.Sinks;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

/// <summary>For every kind this version does not act on (<see cref="ApiKinds.Table"/>): its objects are kept, so that their status can say so.</summary>
[EntityRbac(typeof(V1WorkloadGroup), typeof(V1Gateway), typeof(V1EnvoyFilter),
    typeof(V1AuthorizationPolicy), typeof(V1RequestAuthentication), typeof(V1Telemetry), typeof(V1WasmPlugin), typeof(V1TrafficExtension),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class KindNotYetController<TEntity, TSpec>(MeshState state, StatusSink statuses) : IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>
    where TSpec : class, ISpecFromUser, new()
{
    private static readonly string Kind = ApiKinds.Table.First(kind => kind.EntityType == typeof(TEntity)).Kind;

    public Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.PutNotYet(Kind, entity, entity.Spec ?? new TSpec()));
        return Task.FromResult(ReconciliationResult<TEntity>.Success(entity));
    }

    public Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.RemoveNotYet(Kind, entity));
        return Task.FromResult(ReconciliationResult<TEntity>.Success(entity));
    }
}
