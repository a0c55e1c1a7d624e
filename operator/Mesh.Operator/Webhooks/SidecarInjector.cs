using k8s.Models;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Webhooks;

/// <summary>Answers for pods about to be created. Two of them stand: one for pods whose namespace asks, one for those that ask themselves.</summary>
public sealed class SidecarInjector(
    IKubernetesClient client, MeshState state, Surroundings surroundings, Stamps stamps, TrustSink trusts, OperatorOptions options, bool namespaceAsks, ILogger log)
    : MutationWebhook<V1Pod>
{
    // The API server waits five seconds for the whole answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public override async Task<MutationResult<V1Pod>> CreateAsync(V1Pod entity, bool dryRun, CancellationToken cancellationToken)
    {
        var name = $"{entity.Metadata.NamespaceProperty}/{entity.Metadata.Name ?? entity.Metadata.GenerateName + "…"}";
        var decision = InjectionPolicy.Decide(entity, namespaceAsks, await PlaceAsync(entity.Metadata.NamespaceProperty, cancellationToken));
        if (decision.Verdict == InjectionVerdict.Leave)
        {
            Count("left", dryRun);
            log.LogDebug("Pod {Pod} gets no sidecar: {Reason}", name, decision.Reason);
            return NoChanges();
        }

        return decision.Verdict == InjectionVerdict.Refuse ? Refuse(name, decision.Reason, dryRun) : Inject(entity, name, dryRun);
    }

    private MutationResult<V1Pod> Inject(V1Pod pod, string name, bool dryRun)
    {
        var result = PodInjector.Inject(pod, options.Injection.For(state.Current, pod), stamps.For(pod, dryRun));
        if (result.Pod is null) return Refuse(name, string.Join("\n", result.Problems), dryRun);
        // The pod mounts mesh-root, which a namespace that does not ask for sidecars has only from its first one on.
        if (!dryRun && pod.Metadata.NamespaceProperty is { Length: > 0 } @namespace) trusts.Expect(@namespace);
        Count("injected", dryRun);
        log.LogDebug("Pod {Pod} gets a sidecar", name);
        // Pods come mostly from controllers, which show admission warnings to nobody: the log keeps them.
        foreach (var warning in result.Warnings) log.LogWarning("Pod {Pod}: {Warning}", name, warning);
        return Modified(result.Pod, [.. result.Warnings]);
    }

    private MutationResult<V1Pod> Refuse(string name, string reason, bool dryRun)
    {
        Count("refused", dryRun);
        log.LogInformation("Pod {Pod} is refused: {Reason}", name, reason);
        return Fail($"the sidecar cannot be injected: {reason}");
    }

    private async Task<InjectionPlace> PlaceAsync(string? @namespace, CancellationToken cancellationToken) => new()
    {
        Scope = surroundings.Scope,
        ClusterVersion = surroundings.ClusterVersion,
        NamespaceLabels = await LabelsAsync(@namespace ?? "", cancellationToken),
    };

    // A namespace made a moment ago, as with kubectl apply of both, may not have been seen yet.
    private async Task<LabelSet> LabelsAsync(string @namespace, CancellationToken cancellationToken)
    {
        if (state.Current.Namespaces.TryGetValue(@namespace, out var known)) return known.Labels;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return LabelSet.Of((await client.GetAsync<V1Namespace>(@namespace, cancellationToken: limit.Token))?.Metadata.Labels);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // What the labels would forbid, the API server forbids by itself, in other words.
            log.LogDebug("The labels of namespace {Namespace} are not known: {Why}", @namespace, e.Message);
            return LabelSet.Empty;
        }
    }

    private static void Count(string verdict, bool dryRun)
    {
        if (!dryRun) OperatorMetrics.Injections.Add(1, new KeyValuePair<string, object?>("verdict", verdict));
    }
}
