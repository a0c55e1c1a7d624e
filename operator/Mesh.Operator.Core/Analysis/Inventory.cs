using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// What analysers look at: the parts of the plan, and whole objects where someone has them (<c>mesh analyze</c>; the operator
/// keeps none, so analysers of containers, annotations and Secrets say nothing there).
/// </summary>
internal sealed class Inventory(PlanParts parts, ClusterObjects objects)
{
    public PlanParts Parts => parts;

    public MeshSnapshot Snapshot => parts.Snapshot;

    public ClusterObjects Objects => objects;

    /// <summary>What each proxy is told.</summary>
    public IEnumerable<PodPlan> Pods { get; init; } = [];

    /// <summary>Whom our injector answers, by what other injectors are known.</summary>
    public InjectionScope Scope { get; } = InjectionScope.Beside(objects.Of<V1MutatingWebhookConfiguration>());

    /// <summary>All of a kind that the plan does not act on yet, by namespace and name.</summary>
    public IEnumerable<Written<TSpec>> Of<TSpec>()
        where TSpec : class, ISpecFromUser =>
        Snapshot.OfKindsNotYet.Values.Where(rule => rule.Spec is TSpec).Select(rule => new Written<TSpec>(rule.Key, (TSpec)rule.Spec));
}
