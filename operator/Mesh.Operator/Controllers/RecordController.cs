using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>What stands in the config records now, for the sink that keeps them.</summary>
[EntityRbac(typeof(RecordMetadata), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class RecordController(ConfigMapSink sink) : IEntityController<RecordMetadata>
{
    public Task<ReconciliationResult<RecordMetadata>> ReconcileAsync(RecordMetadata entity, CancellationToken cancellationToken)
    {
        sink.Observed(entity);
        return Task.FromResult(ReconciliationResult<RecordMetadata>.Success(entity));
    }

    public Task<ReconciliationResult<RecordMetadata>> DeletedAsync(RecordMetadata entity, CancellationToken cancellationToken)
    {
        sink.Gone(entity);
        return Task.FromResult(ReconciliationResult<RecordMetadata>.Success(entity));
    }
}
