using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Keeps the certificates and the two webhook configurations as they should be: at the start until it succeeds, and every
/// minute after (someone may have changed or deleted them, or another mesh came or went). Every replica does so; all write the same.
/// </summary>
[EntityRbac(typeof(V1Namespace), Verbs = RbacVerb.Get | RbacVerb.Create)]
[EntityRbac(typeof(V1MutatingWebhookConfiguration), typeof(V1ValidatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
public sealed class WebhookRegistration(
    IKubernetesClient client, WebhookCertificates certificates, Surroundings surroundings, MeshState state, EventPublisher events, OperatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, Random random, ILogger<WebhookRegistration> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private InjectionScope _told = InjectionScope.Everyone;

    /// <summary>The configurations stand and name this process's CA.</summary>
    public bool IsRegistered { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), random);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                await RegisterAsync(stoppingToken);
                backoff.Reset();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The one place of this loop: without its webhooks the operator still keeps what runs.
                pause = backoff.Next();
                log.LogWarning("The webhooks could not be registered, trying again in {Pause:0.0} s: {Why}", pause.TotalSeconds, e is ApiException or HttpRequestException or TimeoutException ? e.Message : e);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        if (await client.GetAsync<V1Namespace>(options.Namespace, null, cancellationToken) is null)
        {
            try
            {
                await client.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = options.Namespace } }, cancellationToken);
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Someone else made it.
            }
        }

        var caBundle = await certificates.EnsureAsync(cancellationToken);
        // Asked before it listens, a webhook that must be answered would refuse every pod: first listen.
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(cancellationToken);
        }

        await surroundings.LookAsync(cancellationToken);
        var (scope, settings) = (surroundings.Scope, options.Injection with { DnsCapture = state.Current.Settings.DnsCapture, Start = state.Current.Settings.ProxyStart });
        var written = await PutAsync(WebhookConfigurations.Injector(options, caBundle, scope, settings), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        // Told once, by the replica that wrote it; of a cluster that never saw another mesh there is nothing to tell.
        if (written is not null && scope != _told) await events.PublishAsync(written, scope.IsEveryone ? "AloneAgain" : "AnotherInjector", Surroundings.Describe(scope), scope.IsEveryone ? EventType.Normal : EventType.Warning, cancellationToken);
        _told = scope;
        await PutAsync(WebhookConfigurations.Validator(options, caBundle, serves: true), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        if (!IsRegistered) log.LogInformation("Webhooks are registered and served on port {Port}", options.WebhookPort);
        IsRegistered = true;
    }

    /// <summary>The configuration as it was written; null: it was right already.</summary>
    private async Task<T?> PutAsync<T, THook>(T wanted, Func<T, IList<THook>?> read, Action<T, IList<THook>> write, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var current = await client.GetAsync<T>(wanted.Metadata.Name, null, cancellationToken);
        if (current is null) return await client.CreateAsync(wanted, cancellationToken);

        var hooks = read(wanted)!;
        var (labels, annotations) = (current.Metadata.Labels ?? new Dictionary<string, string>(), current.Metadata.Annotations ?? new Dictionary<string, string>());
        // A single bar: all three are to be brought up to date.
        if (!(Put(labels, wanted.Metadata.Labels) | Put(annotations, wanted.Metadata.Annotations) | !IsSame(read(current), hooks))) return null;
        (current.Metadata.Labels, current.Metadata.Annotations) = (labels, annotations);
        write(current, hooks);
        return await client.UpdateAsync(current, cancellationToken);
    }

    private static bool IsSame<THook>(IList<THook>? current, IList<THook> wanted) =>
        JsonNode.DeepEquals(JsonNode.Parse(KubernetesJson.Serialize(current ?? [])), JsonNode.Parse(KubernetesJson.Serialize(wanted)));

    /// <summary>Whether something had to be changed; what others wrote stays.</summary>
    private static bool Put(IDictionary<string, string> current, IDictionary<string, string>? wanted)
    {
        var changed = false;
        foreach (var (key, value) in wanted ?? new Dictionary<string, string>())
        {
            if (current.TryGetValue(key, out var present) && present == value) continue;
            current[key] = value;
            changed = true;
        }

        return changed;
    }
}
