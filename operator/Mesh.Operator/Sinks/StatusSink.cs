using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Telemetry;
using Mesh.Api.Extensions;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;
using Mesh.Operator.Reports;

namespace Mesh.Operator.Sinks;

/// <summary>
/// Writes status through the status subresource: only what differs from what is there, only to the object that was judged
/// (its uid is in the patch), under one budget. What is there is known from the watch and from our own writes, whichever is
/// newer.
/// </summary>
[EntityRbac(typeof(V1VirtualService), typeof(V1DestinationRule), typeof(V1ServiceEntry), typeof(V1WorkloadEntry), typeof(V1Sidecar), typeof(V1PeerAuthentication), typeof(V1HealthCheck), typeof(V1WorkloadGroup), typeof(V1Gateway), typeof(V1ProxyConfig), typeof(V1EnvoyFilter),
    typeof(V1AuthorizationPolicy), typeof(V1RequestAuthentication), typeof(V1Telemetry), typeof(V1WasmPlugin), typeof(V1TrafficExtension),
    Verbs = RbacVerb.Patch, Subresource = "status")]
public sealed class StatusSink(IKubernetesClient client, EventPublisher events, Debounce changes, TimeProvider time, Random random, ILogger<StatusSink> log) : IDisposable
{
    private const int WritesPerSecond = 20;
    private const int Writers = 2;
    private readonly ConcurrentDictionary<RuleKey, Written> _written = new();
    private readonly ConcurrentDictionary<RuleKey, (string Uid, long Generation)> _told = new();
    private readonly KeyedQueue<RuleKey> _queue = new(time, random, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
    private readonly WriteBudget _budget = new(time, WritesPerSecond);
    private ImmutableDictionary<RuleKey, StatusPatch> _wanted = ImmutableDictionary<RuleKey, StatusPatch>.Empty;
    private ITimer? _askAgain;

    /// <summary>Judges anew and queues what has to be written.</summary>
    public void Publish(MeshPlan plan, ImmutableDictionary<string, ReportEntry> reports, DateTimeOffset leadingSince)
    {
        var now = time.GetUtcNow();
        var proxies = plan.Pods.Values
            .Where(pod => reports.ContainsKey(pod.Uid))
            .ToDictionary(pod => pod.Pod, pod => new ProxyObservation { Report = reports[pod.Uid].Report, UnreachableSince = reports[pod.Uid].SilentSince });
        var judged = StatusPlanner.Plan(plan, proxies, _written.ToDictionary(w => w.Key, w => w.Value.Status), now, leadingSince);
        // Whole: a patch that is no longer needed must not be written late.
        Volatile.Write(ref _wanted, judged.Patches.ToImmutableDictionary(p => p.Rule));
        foreach (var patch in judged.Patches) _queue.Add(patch.Rule);
        _askAgain?.Dispose();
        _askAgain = judged.AskAgain is not { } at ? null
            : time.CreateTimer(_ => changes.Signal(), null, at > now ? at - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A rule as the cluster has it now.</summary>
    public void Observed(IKubernetesObject<V1ObjectMeta> rule)
    {
        var kind = KindOf(rule);
        Observed(KeyOf(kind, rule), rule.Metadata, kind.StatusOf(rule));
    }

    public void Gone(IKubernetesObject<V1ObjectMeta> rule)
    {
        var key = KeyOf(KindOf(rule), rule);
        _written.TryRemove(key, out _);
        _told.TryRemove(key, out _);
    }

    /// <summary>Works until cancelled; run by the leader alone.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => _queue.WorkAsync(rule => WorkAsync(rule, cancellationToken), cancellationToken), CancellationToken.None)));

    public void Dispose()
    {
        _askAgain?.Dispose();
        _queue.Dispose();
        _budget.Dispose();
    }

    private async Task WorkAsync(RuleKey rule, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(rule, cancellationToken);
            _queue.Forget(rule);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next leader, or our own next term, judges anew.
        }
        catch (Exception e)
        {
            var pause = _queue.AddFailed(rule);
            OperatorMetrics.StatusWrites.Add(1, new KeyValuePair<string, object?>("result", "failed"));
            log.LogWarning("Status of {Rule}: {Why} (again in {Pause:0.0} s)", rule, e is ApiException or HttpRequestException or TimeoutException ? e.Message : e, pause.TotalSeconds);
        }
    }

    private async Task WriteAsync(RuleKey rule, CancellationToken cancellationToken)
    {
        await _budget.TakeAsync(cancellationToken);
        var wanted = Volatile.Read(ref _wanted);
        if (!wanted.TryGetValue(rule, out var patch)) return;
        var before = _written.GetValueOrDefault(rule);
        var (old, @new) = (Json(before?.Status.Status), Json(patch.Status));
        if (JsonNode.DeepEquals(old, @new)) return;
        try
        {
            var written = await SendAsync(patch, MergePatch.Between(old, @new), cancellationToken);
            if (written is null) return;
            Keep(rule, patch, written);
            await TellAsync(rule, before?.Uid == patch.Uid ? before.Status.Status : null, patch.Status, written, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || (e.IsConflict && e.Message.Contains("uid", StringComparison.OrdinalIgnoreCase)))
        {
            // Gone, or another object by now; its event is on the way.
            return;
        }

        OperatorMetrics.StatusWrites.Add(1, new KeyValuePair<string, object?>("result", "written"));
        // Judged anew while this was written, on the grounds of what stood before.
        if (!ReferenceEquals(wanted, Volatile.Read(ref _wanted))) changes.Signal();
    }

    /// <summary>What the change means to the one who made the rule, as Events on it.</summary>
    private async Task TellAsync(RuleKey rule, RuleStatus? before, RuleStatus after, IKubernetesObject<V1ObjectMeta> about, CancellationToken cancellationToken)
    {
        // A former leader told of what it found held.
        if (StatusEvents.HeldGeneration(before) is { } held) _told[rule] = (about.Metadata.Uid, held);
        long? told = _told.TryGetValue(rule, out var last) && last.Uid == about.Metadata.Uid ? last.Generation : null;
        foreach (var said in StatusEvents.Between(before, after, told))
            await events.PublishAsync(about, said.Reason, said.Message, said.IsWarning ? EventType.Warning : EventType.Normal, cancellationToken);
        if (StatusEvents.HeldGeneration(after) is { } now) _told[rule] = (about.Metadata.Uid, now);
    }

    /// <summary>The object as written; null where another has its name by now.</summary>
    private async Task<IKubernetesObject<V1ObjectMeta>?> SendAsync(StatusPatch patch, JsonNode? changes, CancellationToken cancellationToken)
    {
        var (kind, key) = (ApiKinds.Named(patch.Rule.Kind)!, new EntityKey(patch.Rule.Object.Namespace, patch.Rule.Object.Name));
        if (patch.IsShared) return await kind.Accept(new SharedStatusWrite(client, key, patch, cancellationToken));
        // A uid that no longer fits is refused (409): the status was not meant for the object that has the name now.
        var body = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = patch.Uid }, ["status"] = changes };
        return await kind.Accept(new Patch(client, key, body.ToJsonString(), cancellationToken));
    }

    private void Keep(RuleKey rule, StatusPatch patch, IKubernetesObject<V1ObjectMeta> written) =>
        _written[rule] = new Written(written.Metadata.Uid, written.Metadata.ResourceVersion, new WrittenStatus { Status = patch.Status, WrittenAt = time.GetUtcNow() });

    private void Observed(RuleKey key, V1ObjectMeta metadata, RuleStatus? status)
    {
        var known = _written.GetValueOrDefault(key);
        if (known is not null && known.Uid == metadata.Uid && !ResourceVersion.IsNewer(metadata.ResourceVersion, known.ResourceVersion)) return;
        var writtenAt = known is not null && known.Uid == metadata.Uid ? known.Status.WrittenAt : null;
        _written[key] = new Written(metadata.Uid, metadata.ResourceVersion, new WrittenStatus { Status = status, WrittenAt = writtenAt });
        // Someone else's change of the status is put right; our own is known from the write.
        if (known is not null && !JsonNode.DeepEquals(Json(known.Status.Status), Json(status))) changes.Signal();
    }

    private static ApiKind KindOf(IKubernetesObject<V1ObjectMeta> rule) => ApiKinds.Table.First(kind => kind.EntityType == rule.GetType());

    private static RuleKey KeyOf(ApiKind kind, IKubernetesObject<V1ObjectMeta> rule) => new(kind.Kind, new ObjectKey(rule.Metadata.NamespaceProperty ?? "", rule.Metadata.Name));

    /// <summary>As it goes over the wire.</summary>
    private static JsonNode? Json(RuleStatus? status) => status is null ? null : JsonSerializer.SerializeToNode(status, status.GetType(), ApiJson.Options);

    private sealed record Patch(IKubernetesClient Client, EntityKey Key, string Body, CancellationToken Cancelled) : IApiKindVisitor<Task<IKubernetesObject<V1ObjectMeta>>>
    {
        public async Task<IKubernetesObject<V1ObjectMeta>> Visit<TEntity, TSpec>(ApiKind kind)
            where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
            where TSpec : class, ISpecFromUser, new() => await Client.PatchAsync<TEntity>(Key, Body, "status", Cancelled);
    }

    private sealed record Written(string Uid, string ResourceVersion, WrittenStatus Status);
}
