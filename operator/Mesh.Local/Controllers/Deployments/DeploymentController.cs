using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>Rolls a Deployment's pods from one template to the next through ReplicaSets, within maxSurge and maxUnavailable.</summary>
internal sealed class DeploymentController(ClusterView view, DeploymentWrites writes, Action<EntityKey, TimeSpan> later)
{
    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Deployments.Find(key) is not { } deployment) return;
        var sets = DeploymentSets.Of(deployment, Owned(deployment));
        if (deployment.Metadata.DeletionTimestamp is not null)
        {
            await writes.StatusAsync(deployment, DeploymentStatusPlan.Of(sets, writes.Now), null, cancellation);
            return;
        }

        sets = await NotePauseAsync(sets, cancellation);
        if (sets.Deployment.Spec.Paused == true || RevisionAnnotations.ShowScaling(sets)) await ResizeAsync(sets, cancellation);
        else if (sets.IsRolling) await RollAsync(sets, cancellation);
        else await RecreateAsync(sets, cancellation);
    }

    /// <summary>Only the size is followed; a new template waits.</summary>
    private async Task ResizeAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        if (sets.Current is not null) sets = await EnsureCurrentAsync(sets, cancellation);
        foreach (var (set, size) in ProportionalScale.Sizes(sets)) await writes.ScaleAsync(sets, set, size, cancellation);
        if (sets.Deployment.Spec.Paused == true && sets.Old.All(set => DeploymentSets.Size(set) == 0)) await ForgetAsync(sets, cancellation);
        await writes.StatusAsync(sets.Deployment, DeploymentStatusPlan.Of(sets, writes.Now), null, cancellation);
    }

    private async Task RollAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        sets = await EnsureCurrentAsync(sets, cancellation);
        var current = sets.Current!;
        var size = RollingUpdate.CurrentSize(sets, DeploymentSets.Size(current), sets.All.Sum(DeploymentSets.Size));
        var changed = size != DeploymentSets.Size(current) && await writes.ScaleAsync(sets, current, size, cancellation);
        if (!changed)
        {
            foreach (var (set, less) in RollingUpdate.OldSizes(sets)) changed |= await writes.ScaleAsync(sets, set, less, cancellation);
        }

        await FinishAsync(sets, changed, cancellation);
    }

    /// <summary>All old pods go before the first new one comes.</summary>
    private async Task RecreateAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        if (sets.Current is not null) sets = await EnsureCurrentAsync(sets, cancellation);
        var changed = false;
        foreach (var set in sets.Old.Where(set => DeploymentSets.Size(set) > 0)) changed |= await writes.ScaleAsync(sets, set, 0, cancellation);
        if (!changed && !sets.Old.Any(IsStillRunning))
        {
            sets = await EnsureCurrentAsync(sets, cancellation);
            if (DeploymentSets.Size(sets.Current!) != sets.Wanted) changed = await writes.ScaleAsync(sets, sets.Current!, sets.Wanted, cancellation);
        }

        await FinishAsync(sets, changed, cancellation);
    }

    private async Task FinishAsync(DeploymentSets sets, bool changed, CancellationToken cancellation)
    {
        var status = DeploymentStatusPlan.OfRollout(sets, writes.Now);
        if (!changed && DeploymentStatusPlan.IsComplete(sets.Deployment, status)) await ForgetAsync(sets, cancellation);
        await writes.StatusAsync(sets.Deployment, status, null, cancellation);
        if (DeploymentStatusPlan.Deadline(sets.Deployment, status) is { } deadline) later(EntityKey.Of(sets.Deployment.Metadata), deadline - writes.Now + TimeSpan.FromSeconds(1));
    }

    /// <summary>The set of the present template: made if there is none, and with the newest revision.</summary>
    private async Task<DeploymentSets> EnsureCurrentAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        var deployment = sets.Deployment;
        var status = DeploymentStatusPlan.Copy(deployment.Status);
        var isNew = sets.Current is null;
        var current = sets.Current is { } found
            ? await writes.NoteAsync(found, RevisionAnnotations.ForCurrent(sets, found.Metadata.Annotations), deployment.Spec.MinReadySeconds, cancellation)
            : await writes.CreateAsync(sets, NewSet(sets), cancellation);
        if (DeploymentStatusPlan.HasDeadline(deployment))
        {
            if (isNew) DeploymentStatusPlan.Set(status, DeploymentStatusPlan.Created(current.Metadata.Name, writes.Now));
            else if (DeploymentStatusPlan.Find(status, "Progressing") is null) DeploymentStatusPlan.Set(status, DeploymentStatusPlan.Found(current.Metadata.Name, writes.Now));
        }

        deployment = await writes.StatusAsync(deployment, status, RevisionAnnotations.RevisionOf(current.Metadata), cancellation);
        return sets with { Deployment = deployment, Current = current };
    }

    private static V1ReplicaSet NewSet(DeploymentSets sets)
    {
        var deployment = sets.Deployment;
        var hash = PodTemplates.Hash(deployment.Spec.Template);
        var template = PodTemplates.Copy(deployment.Spec.Template);
        template.Metadata ??= new V1ObjectMeta();
        template.Metadata.Labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>()) { [PodTemplates.HashLabel] = hash };
        var annotations = RevisionAnnotations.ForCurrent(sets, null);
        foreach (var (name, value) in RevisionAnnotations.Scaled(sets)) annotations[name] = value;
        return new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = template.Metadata.Labels,
                Annotations = annotations,
                OwnerReferences = [PodTemplates.Owner(deployment, "apps/v1", "Deployment")],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = RollingUpdate.CurrentSize(sets, 0, sets.Old.Sum(DeploymentSets.Size)),
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = new V1LabelSelector
                {
                    MatchLabels = new Dictionary<string, string>(deployment.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()) { [PodTemplates.HashLabel] = hash },
                    MatchExpressions = deployment.Spec.Selector.MatchExpressions,
                },
                Template = template,
            },
        };
    }

    private async Task<DeploymentSets> NotePauseAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        if (DeploymentStatusPlan.PauseCondition(sets.Deployment, writes.Now) is not { } condition) return sets;
        var noted = DeploymentStatusPlan.Copy(sets.Deployment.Status);
        DeploymentStatusPlan.Set(noted, condition);
        return sets with { Deployment = await writes.StatusAsync(sets.Deployment, noted, null, cancellation) };
    }

    /// <summary>Of the sets that are not used any more the newest few are kept, to go back to.</summary>
    private async Task ForgetAsync(DeploymentSets sets, CancellationToken cancellation)
    {
        var kept = sets.Deployment.Spec.RevisionHistoryLimit ?? 10;
        var surplus = sets.Old.Where(set => set.Metadata.DeletionTimestamp is null).OrderBy(set => RevisionAnnotations.RevisionOf(set.Metadata)).SkipLast(kept);
        foreach (var set in surplus.Where(set => DeploymentSets.Size(set) == 0 && (set.Status?.Replicas ?? 0) == 0 && set.Status?.ObservedGeneration >= set.Metadata.Generation))
            await writes.DeleteAsync(set, cancellation);
    }

    private bool IsStillRunning(V1ReplicaSet set) => view.PodsOf(set.Metadata).Any(pod => !PodTemplates.IsFinished(pod));

    private IEnumerable<V1ReplicaSet> Owned(V1Deployment deployment) => view.ReplicaSets.All.Where(set =>
        set.Metadata.NamespaceProperty == deployment.Metadata.NamespaceProperty
        && set.Metadata.OwnerReferences?.Any(owner => owner.Controller == true && owner.Uid == deployment.Metadata.Uid) == true);
}
