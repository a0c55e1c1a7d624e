using System.Collections.Concurrent;
using k8s.Models;
using Mesh.Config;
using Mesh.Operator.Control;
using Mesh.Operator.Reports;

namespace Mesh.Operator.Sinks;

// What the plan decided goes out here, and comes to be in the cluster: config records here, status in StatusSink. A sink
// is told the whole of what is wanted and works off the difference to what is there, object by object, each with its own
// back-off. What never happens here: a decision about routing, or a touch of an object that is not ours.

/// <summary>
/// Keeps one ConfigMap for each pod in the mesh. Written only when its hash changed (or someone else changed its content),
/// under one budget for the whole mesh, new pods first. After each write an annotation of the pod is bumped, so that the
/// kubelet refreshes the mount at once instead of within 90 s. A pod with a control session is told over that: its record
/// needs no bump, and follows changes of endpoints late and together. Records of pods that are gone or finished are deleted.
/// </summary>
[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update | RbacVerb.Delete)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get)]
public sealed class ConfigMapSink(
    IKubernetesClient client, PodBumps bumps, EventPublisher events, ReportBook reports, RevisionBook revisions, SessionBook sessions,
    OperatorOptions options, TimeProvider time, Random random, ILogger<ConfigMapSink> log) : IDisposable
{
    private const int Writers = 8;
    private const int NewPod = 0, Rules = 1, Staleness = 2;

    /// <summary>How long endpoints are gathered for the record of a pod that was told of them already.</summary>
    private static readonly TimeSpan Lazily = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<EntityKey, RecordOrder> _orders = new();
    private readonly ConcurrentDictionary<EntityKey, RecordState> _records = new();
    private readonly ConcurrentDictionary<EntityKey, EntityKey> _podOfRecord = new();
    private readonly KeyedQueue<EntityKey> _queue = new(time, random, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
    private readonly WriteBudget _budget = new(time, options.RecordWritesPerSecond);

    /// <summary>The whole of what is wanted: pods not among the orders have no config any more.</summary>
    public void Publish(IReadOnlyCollection<RecordOrder> orders)
    {
        var wanted = new HashSet<EntityKey>(orders.Count);
        foreach (var order in orders)
        {
            wanted.Add(order.Pod);
            _orders.TryGetValue(order.Pod, out var before);
            if (before is not null && before.Hash == order.Hash && before.PodUid == order.PodUid && before.ConfigName == order.ConfigName)
            {
                if (order.HasRecord && IsStale(order)) _queue.Add(order.Pod, Rules);
                continue;
            }

            if (before is not null && before.Record != order.Record) Drop(before);
            _orders[order.Pod] = order;
            if (!order.HasRecord) continue;
            _podOfRecord[order.Record] = order.Pod;
            var rank = Rank(before, order);
            if (rank == Staleness && sessions.IsUp(order.PodUid)) _queue.AddAfter(order.Pod, Lazily, Staleness);
            else _queue.Add(order.Pod, rank);
        }

        foreach (var (pod, order) in _orders)
        {
            if (wanted.Contains(pod) || !_orders.TryRemove(pod, out _)) continue;
            Drop(order);
        }

        // Left behind by a pod that went while nobody watched.
        foreach (var (key, record) in _records)
            if (record.OwnerUid.Length > 0 && !_podOfRecord.ContainsKey(key)) _queue.Add(key with { Name = "/" + key.Name }, Staleness);
    }

    /// <summary>The pod has no session any more: from now on it goes by its record.</summary>
    public void SessionEnded(EntityKey pod) => _queue.Add(pod, Rules);

    /// <summary>A record as the cluster has it now.</summary>
    public void Observed(RecordMetadata record)
    {
        var key = EntityKey.Of(record.Metadata);
        var seen = RecordState.Of(record.Metadata, verified: false);
        // The echo of our own write, or of an older one.
        if (_records.TryGetValue(key, out var known) && known.Uid == seen.Uid && !ResourceVersion.IsNewer(seen.ResourceVersion, known.ResourceVersion)) return;
        _records[key] = seen;
        revisions.Recorded(seen.OwnerUid, seen.Revision, seen.Hash);
        if (_podOfRecord.TryGetValue(key, out var pod)) _queue.Add(pod, Staleness);
    }

    public void Gone(RecordMetadata record)
    {
        var key = EntityKey.Of(record.Metadata);
        if (_records.TryGetValue(key, out var known) && known.Uid != record.Metadata.Uid) return;
        _records.TryRemove(key, out _);
        if (_podOfRecord.TryGetValue(key, out var pod)) _queue.Add(pod, Rules);
    }

    /// <summary>Works until cancelled; run by the leader alone.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => _queue.WorkAsync(key => WorkAsync(key, cancellationToken), cancellationToken), CancellationToken.None)));

    public void Dispose()
    {
        _queue.Dispose();
        _budget.Dispose();
    }

    private async Task WorkAsync(EntityKey key, CancellationToken cancellationToken)
    {
        try
        {
            if (key.Name.StartsWith('/')) await DeleteAsync(key with { Name = key.Name[1..] }, cancellationToken);
            else await SyncAsync(key, cancellationToken);
            _queue.Forget(key);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _queue.Add(key);
        }
        catch (Exception e)
        {
            // The one place of this loop: a record that cannot be written waits alone.
            var pause = _queue.AddFailed(key);
            OperatorMetrics.RecordWrites.Add(1, new KeyValuePair<string, object?>("result", "failed"));
            log.LogWarning("Config of pod {Pod}: {Why} (again in {Pause:0.0} s)", key, e is ApiException or HttpRequestException or TimeoutException or RecordTooLargeException ? e.Message : e, pause.TotalSeconds);
        }
    }

    private async Task SyncAsync(EntityKey pod, CancellationToken cancellationToken)
    {
        // Each turn ends in a return or has learnt the record anew; more than a few conflicts in a row wait for the back-off.
        for (var turn = 0; turn < 4; turn++)
        {
            if (!_orders.TryGetValue(pod, out var order) || !order.HasRecord) return;
            var known = _records.GetValueOrDefault(order.Record);
            if (known is null)
            {
                if (await CreateAsync(order, cancellationToken)) return;
                continue;
            }

            if (known.OwnerUid != order.PodUid)
            {
                await TellForeignAsync(order, cancellationToken);
                return;
            }

            if (known.Hash == order.Hash && known.Verified && !IsStale(order))
            {
                await BumpAsync(order, known.Revision, cancellationToken);
                return;
            }

            if (await UpdateAsync(order, known, cancellationToken)) return;
        }

        throw new InvalidOperationException("the record changes faster than it can be written");
    }

    // A record made anew, before its sidecar was heard, begins at 1; a sidecar that holds something else under a higher number
    // refuses it as an old copy. It is written again, numbered above. Over a session the push sees to that.
    private bool IsStale(RecordOrder order) =>
        _records.TryGetValue(order.Record, out var known) && known.OwnerUid == order.PodUid && known.Hash == order.Hash && !sessions.IsUp(order.PodUid)
        && reports.Current.GetValueOrDefault(order.PodUid)?.Report is { Hash.Length: > 0 } report && report.Hash != order.Hash && known.Revision <= report.Revision;

    // The kubelet need not hurry for a sidecar that holds the config already, or gets it over its session.
    private async Task BumpAsync(RecordOrder order, long revision, CancellationToken cancellationToken)
    {
        if (sessions.IsUp(order.PodUid) || reports.Current.GetValueOrDefault(order.PodUid)?.Report?.Hash == order.Hash) return;
        await bumps.BumpAsync(order, revision, cancellationToken);
    }

    private async Task<bool> CreateAsync(RecordOrder order, CancellationToken cancellationToken)
    {
        await _budget.TakeAsync(cancellationToken);
        try
        {
            var revision = revisions.Assign(order.PodUid, order.Hash);
            var made = await client.CreateAsync(await WriteAsync(order, revision, null, cancellationToken), cancellationToken);
            await WrittenAsync(order, made, revision, "created", cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            await LearnAsync(order.Record, cancellationToken);
            return false;
        }
        catch (ApiException e) when (e.IsOfQuota)
        {
            await TellOfQuotaAsync(order, e, cancellationToken);
            throw;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsOfTerminatingNamespace)
        {
            // The namespace went, and the pod with it; its event is on the way.
            return true;
        }
    }

    /// <summary>Writes the record where it does not hold what it should. False: it changed meanwhile, look anew.</summary>
    private async Task<bool> UpdateAsync(RecordOrder order, RecordState known, CancellationToken cancellationToken)
    {
        var edited = false;
        if (known.Hash == order.Hash)
        {
            // Someone wrote it who was not this process: only its content can tell whether it is still right.
            var current = await LearnAsync(order.Record, cancellationToken);
            if (current is null) return false;
            known = RecordState.Of(current.Metadata, verified: false);
            if (known.OwnerUid != order.PodUid || known.Hash != order.Hash) return false;
            var holds = known.IsLabelled && RecordDocument.Holds(current, order, known.Revision);
            if (holds && !IsStale(order))
            {
                _records[order.Record] = known with { Verified = true };
                await BumpAsync(order, known.Revision, cancellationToken);
                return true;
            }

            edited = !holds;
        }

        await _budget.TakeAsync(cancellationToken);
        try
        {
            var revision = edited ? revisions.AssignAnew(order.PodUid, order.Hash) : revisions.Assign(order.PodUid, order.Hash);
            var written = await client.UpdateAsync(await WriteAsync(order, revision, known.Metadata, cancellationToken), cancellationToken);
            await WrittenAsync(order, written, revision, edited ? "restored" : "updated", cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            await LearnAsync(order.Record, cancellationToken);
            return false;
        }

        if (edited)
            await events.PublishAsync(PodOf(order), "ConfigRestored", $"ConfigMap {order.Record} was changed by someone else and has been put back. The operator owns it; change the VirtualService or DestinationRule instead.", EventType.Warning, cancellationToken);
        return true;
    }

    private async Task<V1ConfigMap> WriteAsync(RecordOrder order, long revision, V1ObjectMeta? existing, CancellationToken cancellationToken)
    {
        try
        {
            return RecordDocument.Write(order, revision, existing);
        }
        catch (RecordTooLargeException e)
        {
            await events.PublishAsync(PodOf(order), "ConfigTooLarge", $"The sidecar keeps its last config: {e.Message}.", EventType.Warning, cancellationToken);
            throw;
        }
    }

    private async Task WrittenAsync(RecordOrder order, V1ConfigMap written, long revision, string how, CancellationToken cancellationToken)
    {
        _records[order.Record] = RecordState.Of(written.Metadata, verified: true);
        revisions.Recorded(order.PodUid, revision, order.Hash);
        OperatorMetrics.RecordWrites.Add(1, new KeyValuePair<string, object?>("result", how));
        log.LogDebug("Config of pod {Pod}: revision {Revision} {How} ({Hash})", order.Pod, revision, how, order.Hash);
        await BumpAsync(order, revision, cancellationToken);
    }

    /// <summary>Reads the record whole into what is known; null when there is none.</summary>
    private async Task<V1ConfigMap?> LearnAsync(EntityKey record, CancellationToken cancellationToken)
    {
        var current = await client.GetAsync<V1ConfigMap>(record.Name, record.Namespace, cancellationToken);
        if (current is null)
        {
            _records.TryRemove(record, out _);
            return null;
        }

        var learnt = _records[record] = RecordState.Of(current.Metadata, verified: false);
        revisions.Recorded(learnt.OwnerUid, learnt.Revision, learnt.Hash);
        return current;
    }

    private async Task DeleteAsync(EntityKey record, CancellationToken cancellationToken)
    {
        if (_podOfRecord.ContainsKey(record) || !_records.TryGetValue(record, out var known) || known.OwnerUid.Length == 0) return;
        // The record of a pod just made by a former leader may be seen before the pod is.
        var owner = await client.GetAsync<V1Pod>(known.OwnerName, record.Namespace, cancellationToken);
        if (owner is not null && owner.Metadata.Uid == known.OwnerUid && owner.Status?.Phase is not ("Succeeded" or "Failed")) return;
        await _budget.TakeAsync(cancellationToken);
        try
        {
            await client.DeleteAsync<V1ConfigMap>(record.Name, record.Namespace, known.Uid, cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another object has the name now.
        }

        _records.TryRemove(new KeyValuePair<EntityKey, RecordState>(record, known));
        OperatorMetrics.RecordWrites.Add(1, new KeyValuePair<string, object?>("result", "deleted"));
    }

    private Task TellOfQuotaAsync(RecordOrder order, ApiException refusal, CancellationToken cancellationToken) => events.PublishAsync(
        PodOf(order), "ConfigRefusedByQuota",
        $"The sidecar's config cannot be kept: a ResourceQuota of namespace {order.Pod.Namespace} leaves no room for ConfigMap {order.Record.Name}. "
        + $"Raise its limit of configmaps by one for each pod of the mesh, or delete ConfigMaps that nobody needs; it is tried again by itself. ({refusal.Message})",
        EventType.Warning, cancellationToken);

    private async Task TellForeignAsync(RecordOrder order, CancellationToken cancellationToken)
    {
        log.LogWarning("Pod {Pod}: ConfigMap {Record} belongs to someone else and is left alone; the sidecar has no config", order.Pod, order.Record);
        await events.PublishAsync(PodOf(order), "ConfigNameTaken", $"ConfigMap {order.Record}, which this pod's sidecar reads, was not made for it and is left alone. Delete the ConfigMap or the pod.", EventType.Warning, cancellationToken);
    }

    private void Drop(RecordOrder order)
    {
        bumps.Forget(order.PodUid);
        revisions.Forget(order.PodUid);
        if (!order.HasRecord) return;
        _podOfRecord.TryRemove(order.Record, out _);
        _queue.Add(order.Record with { Name = "/" + order.Record.Name }, Staleness);
    }

    private int Rank(RecordOrder? before, RecordOrder order)
    {
        if (!_records.ContainsKey(order.Record)) return NewPod;
        return before is not null && RulesOf(before).SequenceEqual(RulesOf(order)) ? Staleness : Rules;
    }

    private static IEnumerable<SectionRef> RulesOf(RecordOrder order) =>
        order.Sections.Where(s => !s.Name.StartsWith(SectionNames.Endpoints, StringComparison.Ordinal)).Select(s => s.Ref);

    private static V1Pod PodOf(RecordOrder order) =>
        PodReference.Of(order.Pod.Namespace, order.Pod.Name, order.PodUid);
}
