using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Credentials;

/// <summary>
/// Composes one Secret for each workload that needs credentials, of just those that its config names, and takes it away when
/// no pod needs it. It is owned by the pods that do, so it goes with the last of them even while no operator runs. After each
/// write an annotation of the pods is bumped, so that the kubelet refreshes the mount at once.
/// </summary>
public sealed class CredentialSink(
    KubernetesApi api, CredentialWatch credentials, MeshState state, PodBumps bumps, OperatorOptions options, TimeProvider time, Random random, ILogger<CredentialSink> log) : IDisposable
{
    private readonly ConcurrentDictionary<EntityKey, CredentialOrder> _orders = new();
    private readonly ConcurrentDictionary<EntityKey, NamedSecret> _secrets = new();
    private readonly KeyedQueue<EntityKey> _queue = new(time, random, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    private readonly WriteBudget _budget = new(time, options.RecordWritesPerSecond);
    private readonly CredentialRights _rights = new($"{options.Namespace}:{OperatorOptions.ServiceName}");

    /// <summary>The whole of what is wanted.</summary>
    public void Publish(IReadOnlyCollection<CredentialOrder> orders, CancellationToken cancellationToken)
    {
        var wanted = orders.Select(order => order.Secret).ToHashSet();
        foreach (var order in orders)
        {
            if (_orders.TryGetValue(order.Secret, out var before) && before.IsSameAs(order)) continue;
            _orders[order.Secret] = order;
            _secrets.GetOrAdd(order.Secret, key => new NamedSecret(api, key, () => _queue.Add(key), time, random, log, cancellationToken));
            _queue.Add(order.Secret);
        }

        // Its last pod went.
        foreach (var (key, order) in _orders)
        {
            if (wanted.Contains(key) || (order.Pods.IsEmpty && order.Former.IsEmpty)) continue;
            _orders[key] = order with { Files = ImmutableSortedDictionary<string, string>.Empty, Pods = ImmutableSortedDictionary<string, string>.Empty, Former = ImmutableSortedDictionary<string, string>.Empty };
            _queue.Add(key);
        }
    }

    /// <summary>Works until cancelled; run by the leader alone.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _queue.WorkAsync(key => WorkAsync(key, cancellationToken), cancellationToken);

    /// <summary>Between two terms: the next one begins with nothing known.</summary>
    public void Stop()
    {
        foreach (var key in _orders.Keys) Forget(key);
    }

    public void Dispose()
    {
        foreach (var secret in _secrets.Values) secret.Dispose();
        _queue.Dispose();
        _budget.Dispose();
    }

    private async Task WorkAsync(EntityKey key, CancellationToken cancellationToken)
    {
        try
        {
            await SyncAsync(key, cancellationToken);
            _queue.Forget(key);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next leader goes on.
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden && !e.IsOfTerminatingNamespace)
        {
            // Asked for again, so that a right given later is noticed.
            Refused(key, Forbidden(key));
            _queue.AddFailed(key);
        }
        catch (Exception e)
        {
            // The one place of this loop: a Secret that cannot be written waits alone.
            var pause = _queue.AddFailed(key);
            log.LogWarning("Secret {Secret}: {Why} (again in {Pause:0.0} s)", key, e is ApiException or HttpRequestException or TimeoutException ? e.Message : e, pause.TotalSeconds);
        }
    }

    private async Task SyncAsync(EntityKey key, CancellationToken cancellationToken)
    {
        if (!_orders.TryGetValue(key, out var order) || !_secrets.TryGetValue(key, out var secret) || !secret.View.IsRead) return;
        // Of what was not read yet nobody can say that it is not needed.
        if (order.Files.Values.Any(hash => hash.Length == 0)) return;
        if (order.Files.IsEmpty) await RemoveAsync(order, secret.View, cancellationToken);
        else if (secret.View.IsForbidden) Refused(key, Forbidden(key));
        else if (secret.View.Secret is { } known && !ComposedSecret.IsOurs(known)) Refused(key, Foreign(key));
        else await ComposeAsync(order, secret.View.Secret, cancellationToken);
    }

    private async Task ComposeAsync(CredentialOrder order, V1Secret? known, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var (name, hash) in order.Files)
        {
            if (credentials.FileOf(order.Secret.Namespace, name, hash) is not { } text)
            {
                // Changed since the plan: the next one is on its way.
                _queue.AddAfter(order.Secret, TimeSpan.FromSeconds(1));
                return;
            }

            files.Add(name, Encoding.UTF8.GetBytes(text));
        }

        if (known is null || !ComposedSecret.Holds(known, order, files))
        {
            await _budget.TakeAsync(cancellationToken);
            var secret = ComposedSecret.Write(order, files, known);
            try
            {
                await (known is null ? api.CreateAsync(secret, cancellationToken) : api.UpdateAsync(secret, cancellationToken));
            }
            catch (ApiException e) when (e.IsConflict || e.IsNotFound || e.IsOfTerminatingNamespace)
            {
                // Someone else was faster, or it went: the watch tells, and what is known then is tried again.
                return;
            }

            OperatorMetrics.CredentialWrites.Add(1, new KeyValuePair<string, object?>("result", known is null ? "created" : "updated"));
            log.LogInformation("Secret {Secret}: {Files} for {Pods} pods", order.Secret, string.Join(", ", order.Files.Keys), order.Pods.Count);
        }

        Refused(order.Secret, null);
        foreach (var (uid, pod) in order.Pods) await bumps.TellCredentialsAsync(new EntityKey(order.Secret.Namespace, pod), uid, order.Hash, cancellationToken);
        foreach (var (uid, pod) in order.Former) await bumps.TellCredentialsAsync(new EntityKey(order.Secret.Namespace, pod), uid, null, cancellationToken);
    }

    private async Task RemoveAsync(CredentialOrder order, SecretView view, CancellationToken cancellationToken)
    {
        if (view.Secret is { } known && ComposedSecret.IsOurs(known))
        {
            await api.DeleteAsync<V1Secret>(known.Metadata.Name, known.Metadata.NamespaceProperty, known.Metadata.Uid, cancellationToken);
            OperatorMetrics.CredentialWrites.Add(1, new KeyValuePair<string, object?>("result", "deleted"));
            log.LogInformation("Secret {Secret}: no pod needs it any more", order.Secret);
        }

        Refused(order.Secret, null);
        foreach (var (uid, pod) in order.Former) await bumps.TellCredentialsAsync(new EntityKey(order.Secret.Namespace, pod), uid, null, cancellationToken);
        if (_orders.TryGetValue(order.Secret, out var present) && ReferenceEquals(present, order)) Forget(order.Secret);
    }

    private void Forget(EntityKey key)
    {
        _orders.TryRemove(key, out _);
        if (_secrets.TryRemove(key, out var secret)) secret.Dispose();
        Refused(key, null);
    }

    private void Refused(EntityKey key, CredentialProblem? problem)
    {
        var secret = new ObjectKey(key.Namespace, key.Name);
        state.Apply(snapshot => problem is null
            ? snapshot.RefusedSecrets.ContainsKey(secret) ? snapshot with { RefusedSecrets = snapshot.RefusedSecrets.Remove(secret) } : snapshot
            : snapshot.RefusedSecrets.GetValueOrDefault(secret) == problem ? snapshot : snapshot with { RefusedSecrets = snapshot.RefusedSecrets.SetItem(secret, problem) });
    }

    private CredentialProblem Forbidden(EntityKey key) => new(
        FindingCodes.CredentialForbidden, ConditionReasons.CredentialForbidden,
        $"The operator may not keep Secret {key}, which it composes for the pods of this workload: it has no right to Secrets that nobody gave it.", _rights.ToCompose(key.Namespace, key.Name));

    private static CredentialProblem Foreign(EntityKey key) => new(
        FindingCodes.InvalidCredential, ConditionReasons.InvalidCredential,
        $"Secret {key}, which the pods of this workload mount for their credentials, was not made by the operator and is left alone.", $"Delete it, and the operator makes its own: kubectl delete secret -n {key.Namespace} {key.Name}");
}
