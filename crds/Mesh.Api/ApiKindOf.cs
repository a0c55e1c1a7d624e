using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api.Validation;

namespace Mesh.Api;

/// <summary>A kind with its types.</summary>
internal sealed class ApiKindOf<TEntity, TSpec>(Func<TSpec, ObjectHead, IReadOnlyList<Finding>> validate, Func<TSpec, string, IReadOnlyList<Finding>>? unsupported = null)
    : ApiKind(typeof(TEntity))
    where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
    where TSpec : class, ISpecFromUser, new()
{
    public override IReadOnlyList<Finding> Validate(JsonElement spec, ObjectHead head) => Validate(ApiJson.ReadSpec<TSpec>(spec), head);

    public override IReadOnlyList<Finding> Validate(ISpecFromUser spec, ObjectHead head) => [.. TargetRules.NoDryRun(Kind, head), .. validate((TSpec)spec, head)];

    public override IReadOnlyList<Finding> Unsupported(JsonElement spec, string resource) => Unsupported(ApiJson.ReadSpec<TSpec>(spec), resource);

    public override IReadOnlyList<Finding> Unsupported(ISpecFromUser spec, string resource = "") =>
        NotYet is not null ? []
        : unsupported is not null ? unsupported((TSpec)spec, resource)
        : UnsupportedFieldsFinder.Find(SupportedFields.Of(Kind), spec, resource);

    public override TResult Accept<TResult>(IApiKindVisitor<TResult> visitor) => visitor.Visit<TEntity, TSpec>(this);
}
