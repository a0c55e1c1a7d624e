using k8s.Models;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Webhooks;

/// <summary>Answers for pods about to be created. Two of them stand: one for pods whose namespace asks, one for those that ask themselves.</summary>
public sealed class SidecarInjector(MeshState state, Stamps stamps, TrustSink trusts, OperatorOptions options, bool namespaceAsks, ILogger log) : MutationWebhook<V1Pod>
{
    public override Task<MutationResult<V1Pod>> CreateAsync(V1Pod entity, bool dryRun, CancellationToken cancellationToken) => Task.FromResult(Decide(entity, dryRun));

    private MutationResult<V1Pod> Decide(V1Pod pod, bool dryRun)
    {
        var name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name ?? pod.Metadata.GenerateName + "…"}";
        var decision = InjectionPolicy.Decide(pod, namespaceAsks);
        if (decision.Verdict == InjectionVerdict.Leave)
        {
            Count("left");
            log.LogDebug("Pod {Pod} gets no sidecar: {Reason}", name, decision.Reason);
            return NoChanges();
        }

        if (decision.Verdict == InjectionVerdict.Refuse) return Refuse(name, decision.Reason);
        var result = PodInjector.Inject(pod, options.Injection.For(state.Current, pod), stamps.For(pod));
        if (result.Pod is null) return Refuse(name, string.Join("\n", result.Problems));
        // The pod mounts mesh-root, which a namespace that does not ask for sidecars has only from its first one on.
        if (!dryRun && pod.Metadata.NamespaceProperty is { Length: > 0 } @namespace) trusts.Expect(@namespace);
        Count("injected");
        log.LogDebug("Pod {Pod} gets a sidecar", name);
        // Pods come mostly from controllers, which show admission warnings to nobody: the log keeps them.
        foreach (var warning in result.Warnings) log.LogWarning("Pod {Pod}: {Warning}", name, warning);
        return Modified(result.Pod, [.. result.Warnings]);
    }

    private MutationResult<V1Pod> Refuse(string name, string reason)
    {
        Count("refused");
        log.LogInformation("Pod {Pod} is refused: {Reason}", name, reason);
        return Fail($"the sidecar cannot be injected: {reason}");
    }

    private static void Count(string verdict) => OperatorMetrics.Injections.Add(1, new KeyValuePair<string, object?>("verdict", verdict));
}
