using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Keeps the certificates and the two webhook configurations as they should be: at the start until it succeeds, and every
/// minute after (someone may have changed or deleted them, or another mesh came or went). The leader makes and writes them; every replica serves, with a
/// certificate of its own under the CA they name. The validator is made with failurePolicy Ignore and counts (Fail) from the
/// moment that it is answered under that CA.
/// </summary>
[EntityRbac(typeof(V1MutatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, Names = [WebhookConfigurations.InjectorName])]
[EntityRbac(typeof(V1ValidatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, Names = [WebhookConfigurations.ValidatorName])]
public sealed class WebhookRegistration(
    IKubernetesClient client, WebhookCertificates certificates, WebhookReach reach, LeaderGate gate, Surroundings surroundings, MeshState state, EventPublisher events, OperatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, Random random, ILogger<WebhookRegistration> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private InjectionScope _told = InjectionScope.Everyone;
    private string? _saidOfRoots;
    private bool _isEnforced;

    /// <summary>The configurations stand and name the CA of this process's certificate.</summary>
    public bool IsRegistered { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), random);
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            var leads = gate.IsLeading;
            try
            {
                pause = await RegisterAsync(leads, stoppingToken);
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

            await RestAsync(pause, leads, stoppingToken);
        }
    }

    /// <summary>Waits, or until this process becomes the one that has to write.</summary>
    private async Task RestAsync(TimeSpan pause, bool leads, CancellationToken stoppingToken)
    {
        Task rest = leads ? Task.Delay(pause, time, stoppingToken) : gate.WaitAsync(stoppingToken).WaitAsync(pause, time, stoppingToken);
        await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>One look; returns how long it is good for.</summary>
    private async Task<TimeSpan> RegisterAsync(bool leads, CancellationToken cancellationToken)
    {
        if (await certificates.EnsureAsync(leads, cancellationToken) is not { } caBundle) return Soon;
        // Asked before it listens, a webhook that must be answered would refuse every pod: first listen.
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(cancellationToken);
        }

        var validator = await client.GetAsync<V1ValidatingWebhookConfiguration>(WebhookConfigurations.ValidatorName, null, cancellationToken);
        // Each replica answers for pods, and so has to know.
        await surroundings.LookAsync(cancellationToken);
        if (!leads)
        {
            var injector = await client.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName, null, cancellationToken);
            return Registered(Names(injector?.Webhooks?.Select(h => h.ClientConfig), caBundle) && Names(validator?.Webhooks?.Select(h => h.ClientConfig), caBundle)) ? Interval : Soon;
        }

        await PutInjectorAsync(caBundle, cancellationToken);
        return await PutValidatorAsync(validator, caBundle, cancellationToken) ? Interval : Soon;
    }

    private async Task PutInjectorAsync(byte[] caBundle, CancellationToken cancellationToken)
    {
        var (scope, settings) = (surroundings.Scope, options.Injection with { SharesRoot = state.Current.SharesRoot, DnsCapture = state.Current.Settings.DnsCapture, Start = state.Current.Settings.ProxyStart });
        var written = await PutAsync(WebhookConfigurations.Injector(options, caBundle, scope, settings), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        // Told once, when it was written; of a cluster that never saw another mesh there is nothing to tell.
        if (written is not null && scope != _told) await events.PublishAsync(written, scope.IsEveryone ? "AloneAgain" : "AnotherInjector", Surroundings.Describe(scope), scope.IsEveryone ? EventType.Normal : EventType.Warning, cancellationToken);
        _told = scope;
        await TellRootsAsync(written, cancellationToken);
    }

    /// <summary>Whether Istio's sidecars and ours speak mutual TLS with each other, or why they do not.</summary>
    private async Task TellRootsAsync(V1MutatingWebhookConfiguration? written, CancellationToken cancellationToken)
    {
        var (neighbour, domain) = (state.Current.Neighbour, state.Current.Settings.TrustDomain);
        var said = neighbour.IsHere ? neighbour.WhyApart(domain) : null;
        if (said == _saidOfRoots) return;
        _saidOfRoots = said;
        if (said is null) return;
        var message = said.Length == 0
            ? "Istio's sidecars and this mesh's have a root and a trust domain in common: they speak mutual TLS with each other, new pods at once, those that run once they are made anew."
            : $"Istio's sidecars and this mesh's speak clear text with each other: {said}. One cacerts for both makes it mutual TLS.";
        log.LogInformation("{Roots}", message);
        if ((written ?? await client.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName, null, cancellationToken)) is { } about)
            await events.PublishAsync(about, said.Length == 0 ? "RootInCommon" : "RootsApart", message, EventType.Normal, cancellationToken);
    }

    /// <summary>False while it is not answered, so that it does not count yet.</summary>
    private async Task<bool> PutValidatorAsync(V1ValidatingWebhookConfiguration? current, byte[] caBundle, CancellationToken cancellationToken)
    {
        // What counted goes on to count: a leader that starts anew finds it answered by the others, or comes to answer itself.
        var counts = current?.Webhooks is { Count: > 0 } hooks && hooks.All(h => h.FailurePolicy == "Fail") && Names(hooks.Select(h => h.ClientConfig), caBundle);
        if (!counts) await PutAsync(WebhookConfigurations.Validator(options, caBundle, serves: false), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        Registered(true);
        if (!counts && !await reach.AnswersAsync(caBundle, cancellationToken)) return _isEnforced = false;
        await PutAsync(WebhookConfigurations.Validator(options, caBundle, serves: true), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        if (!_isEnforced) log.LogInformation("Rules are validated at admission, and refused while nobody can (failurePolicy Fail)");
        return _isEnforced = true;
    }

    private bool Registered(bool stands)
    {
        if (stands && !IsRegistered) log.LogInformation("Webhooks are registered and served on port {Port}", options.WebhookPort);
        return IsRegistered = stands;
    }

    private static bool Names(IEnumerable<Admissionregistrationv1WebhookClientConfig>? hooks, byte[] caBundle) =>
        hooks is not null && hooks.ToList() is { Count: > 0 } all && all.All(hook => hook.CaBundle?.AsSpan().SequenceEqual(caBundle) == true);

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
