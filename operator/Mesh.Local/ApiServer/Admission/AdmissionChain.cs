using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission.Policies;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>
/// Webhooks and policies between a write and the store. Mutating ones see each other's changes, in the order of their configurations'
/// names, and once more when a later one changed the object and they ask for it; validating ones see the end result and run
/// side by side. A call that fails counts as the webhook's failurePolicy says; a refusal always counts. Webhook
/// configurations themselves pass without, or a broken one could never be taken back.
/// </summary>
internal sealed class AdmissionChain(ObjectStore store, WebhookCaller caller)
{
    private const string Group = "admissionregistration.k8s.io";
    private readonly PolicyAdmission policies = new(store);

    public async Task<JsonObject> MutateAsync(AdmissionCall call, CancellationToken cancellation)
    {
        var hooks = Hooks("mutatingwebhookconfigurations", call);
        if (hooks.Count == 0)
            return call.Object!;
        var seen = new List<(AdmissionWebhook Hook, JsonNode? After)>();
        foreach (var hook in hooks)
        {
            if (await MutateAsync(hook, call, cancellation) is not { } after)
                continue;
            call = after;
            seen.Add((hook, after.Object?.DeepClone()));
        }

        foreach (var (hook, after) in seen.Where(one => one.Hook.WantsReinvocation))
        {
            if (!JsonNode.DeepEquals(after, call.Object))
                call = await MutateAsync(hook, call, cancellation) ?? call;
        }

        return call.Object!;
    }

    /// <summary>Policies first; then all webhooks are asked, also when one refused, and the refusal that came first is the answer.</summary>
    public async Task ValidateAsync(AdmissionCall call, CancellationToken cancellation)
    {
        policies.Validate(call);
        var hooks = Hooks("validatingwebhookconfigurations", call);
        if (hooks.Count == 0)
            return;
        StatusException? first = null;
        await Task.WhenAll(hooks.Select(async hook =>
        {
            try
            {
                await ValidateAsync(hook, call, cancellation);
            }
            catch (StatusException refusal)
            {
                Interlocked.CompareExchange(ref first, refusal, null);
            }
        }));
        if (first is not null)
            throw first;
    }

    /// <summary>The call with the changed object; null when the webhook was not called or its failure is ignored.</summary>
    private async Task<AdmissionCall?> MutateAsync(AdmissionWebhook hook, AdmissionCall call, CancellationToken cancellation)
    {
        if (await AskAsync(hook, call, cancellation) is not { } answer)
            return null;
        if (answer.Text("patch") is not { } encoded || call.Object is null)
            return call;
        try
        {
            return call with { Object = WebhookPatch.Apply(call, answer.Text("patchType"), encoded) };
        }
        catch (WebhookFailure problem)
        {
            return hook.IgnoresFailure ? null : throw Failed(hook, problem.Message);
        }
    }

    private async Task ValidateAsync(AdmissionWebhook hook, AdmissionCall call, CancellationToken cancellation)
    {
        if (await AskAsync(hook, call, cancellation) is { } answer && answer.At("patch") is not null && !hook.IgnoresFailure)
            throw Failed(hook, "received invalid webhook response: validating webhook may not return response.patch");
    }

    /// <summary>The webhook's answer when it allows; null when it has no say here.</summary>
    private async Task<JsonElement?> AskAsync(AdmissionWebhook hook, AdmissionCall call, CancellationToken cancellation)
    {
        var ns = call.Write.Namespace.Length > 0 ? store.Find("namespaces", "", call.Write.Namespace) : null;
        if (hook.Matches(call, ns?.Json) is not { } version)
            return null;
        JsonElement answer;
        try
        {
            if (hook.Conditions.Length > 0 && !MatchConditions.Hold(hook.Conditions, AdmissionVariables.Of(call, version)))
                return null;
            if (call.IsDryRun && hook.HasSideEffects)
                throw StatusException.BadRequest($"admission webhook \"{hook.Name}\" does not support dry run");
            answer = await caller.CallAsync(hook, AdmissionReviewDocument.Of(call, version), cancellation);
        }
        catch (WebhookFailure problem)
        {
            return hook.IgnoresFailure ? null : throw Failed(hook, problem.Message);
        }
        catch (CelError problem)
        {
            return hook.IgnoresFailure ? null : throw StatusException.Forbidden(call.Write.Resource, call.Name, problem.Message);
        }

        foreach (var warning in answer.Items("warnings"))
            call.Write.Warn(warning.GetString() ?? "");
        return answer.Flag("allowed") ? answer : throw Denied(hook, answer);
    }

    private List<AdmissionWebhook> Hooks(string plural, AdmissionCall call)
    {
        if (call.Write.Resource.Group == Group)
            return [];
        return [.. store.Collection(plural + "." + Group).State.Values.SelectMany(config => config.Json.Items("webhooks")).Select(json => new AdmissionWebhook(json))];
    }

    private static StatusException Failed(AdmissionWebhook hook, string problem) =>
        StatusException.Internal($"failed calling webhook \"{hook.Name}\": {problem}");

    private static StatusException Denied(AdmissionWebhook hook, JsonElement answer)
    {
        var message = answer.Text("status", "message") ?? answer.Text("status", "reason");
        var code = (int)(answer.Integer("status", "code") ?? 400);
        return new StatusException(
            code is >= 400 and < 600 ? code : 400,
            answer.Text("status", "reason"),
            $"admission webhook \"{hook.Name}\" denied the request" + (message is { Length: > 0 } ? ": " + message : " without explanation"),
            answer.At("status", "details") is { ValueKind: JsonValueKind.Object } details ? details.ToNode() : null);
    }
}
