using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Keeps the certificates and the two webhook configurations as they should be: at the start until it succeeds, and every
/// minute after (someone may have changed or deleted them). The leader makes and writes them; every replica serves, with a
/// certificate of its own under the CA they name. The validator is made with failurePolicy Ignore and counts (Fail) from the
/// moment that it is answered under that CA.
/// </summary>
[EntityRbac(typeof(V1MutatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, Names = [WebhookConfigurations.InjectorName])]
[EntityRbac(typeof(V1ValidatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, Names = [WebhookConfigurations.ValidatorName])]
public sealed class WebhookRegistration(
    IKubernetesClient client, WebhookCertificates certificates, WebhookReach reach, LeaderGate gate, OperatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, Random random, ILogger<WebhookRegistration> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

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
        if (!leads)
        {
            var injector = await client.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName, null, cancellationToken);
            return Registered(Names(injector?.Webhooks?.Select(h => h.ClientConfig), caBundle) && Names(validator?.Webhooks?.Select(h => h.ClientConfig), caBundle)) ? Interval : Soon;
        }

        await PutAsync(WebhookConfigurations.Injector(options, caBundle), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        return await PutValidatorAsync(validator, caBundle, cancellationToken) ? Interval : Soon;
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

    private async Task PutAsync<T, THook>(T wanted, Func<T, IList<THook>?> read, Action<T, IList<THook>> write, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var current = await client.GetAsync<T>(wanted.Metadata.Name, null, cancellationToken);
        if (current is null)
        {
            await client.CreateAsync(wanted, cancellationToken);
            return;
        }

        var hooks = read(wanted)!;
        if (JsonNode.DeepEquals(JsonNode.Parse(KubernetesJson.Serialize(read(current) ?? [])), JsonNode.Parse(KubernetesJson.Serialize(hooks)))) return;
        write(current, hooks);
        await client.UpdateAsync(current, cancellationToken);
    }
}
