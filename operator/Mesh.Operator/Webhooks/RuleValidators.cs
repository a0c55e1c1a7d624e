using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Validation;

namespace Mesh.Operator.Webhooks;

/// <summary>Serves the validation of every kind of the API, each under its own path.</summary>
internal sealed class RuleValidators(IEndpointRouteBuilder routes) : IApiKindVisitor<IEndpointRouteBuilder>
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var validators = new RuleValidators(routes);
        foreach (var kind in ApiKinds.Table) kind.Accept(validators);
    }

    public IEndpointRouteBuilder Visit<TEntity, TSpec>(ApiKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
        where TSpec : class, ISpecFromUser, new()
    {
        routes.MapValidationWebhook(WebhookConfigurations.PathOf(kind), new RuleValidator<TEntity>(rule => Judge(kind, rule, rule.Spec ?? new TSpec()), rule => rule.Spec));
        return routes;
    }

    private static IReadOnlyList<Finding> Judge(ApiKind kind, IKubernetesObject<V1ObjectMeta> rule, ISpecFromUser spec) =>
        [.. kind.Validate(spec, ObjectHead.Of(rule)), .. kind.Unsupported(spec), .. Nothing(kind)];

    private static IEnumerable<Finding> Nothing(ApiKind kind) => kind.NotYetFinding() is { } finding ? [finding] : [];
}
