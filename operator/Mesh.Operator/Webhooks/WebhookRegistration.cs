using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Keeps the certificates and the two webhook configurations as they should be: at the start until it succeeds, and every
/// minute after (someone may have changed or deleted them). Every replica does so; all write the same.
/// </summary>
[EntityRbac(typeof(V1Namespace), Verbs = RbacVerb.Get | RbacVerb.Create)]
[EntityRbac(typeof(V1MutatingWebhookConfiguration), typeof(V1ValidatingWebhookConfiguration), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
public sealed class WebhookRegistration(
    IKubernetesClient client, WebhookCertificates certificates, OperatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, Random random, ILogger<WebhookRegistration> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

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

        await PutAsync(WebhookConfigurations.Injector(options, caBundle), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        await PutAsync(WebhookConfigurations.Validator(options, caBundle, serves: true), c => c.Webhooks, (c, hooks) => c.Webhooks = hooks, cancellationToken);
        if (!IsRegistered) log.LogInformation("Webhooks are registered and served on port {Port}", options.WebhookPort);
        IsRegistered = true;
    }

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
