using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Mesh.Operator.Runtime;

/// <summary>Puts webhooks on paths of an HTTP server.</summary>
public static class WebhookEndpoints
{
    public static IEndpointConventionBuilder MapValidationWebhook<TEntity>(this IEndpointRouteBuilder routes, string path, ValidationWebhook<TEntity> webhook)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        routes.MapPost(path, Endpoint((request, aborted) => ValidateAsync(webhook, request, aborted)));

    public static IEndpointConventionBuilder MapMutationWebhook<TEntity>(this IEndpointRouteBuilder routes, string path, MutationWebhook<TEntity> webhook)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        routes.MapPost(path, Endpoint((request, aborted) => MutateAsync(webhook, request, aborted)));

    private static RequestDelegate Endpoint(Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> answer) =>
        context => AnswerAsync(context, answer);

    private static async Task AnswerAsync(HttpContext context, Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> answer)
    {
        AdmissionReview? review;
        try
        {
            review = await JsonSerializer.DeserializeAsync<AdmissionReview>(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            review = null;
        }

        if (review?.Request is not { } request)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("The body is not an AdmissionReview of admission.k8s.io/v1 with a request.\n");
            return;
        }

        await context.Response.WriteAsJsonAsync(new AdmissionReview { Response = await answer(request, context.RequestAborted) }, context.RequestAborted);
    }

    private static async Task<AdmissionResponse> ValidateAsync<TEntity>(ValidationWebhook<TEntity> webhook, AdmissionRequest request, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var dryRun = request.DryRun ?? false;
        ValidationResult result;
        try
        {
            result = request.Operation switch
            {
                "CREATE" => await webhook.CreateAsync(Read<TEntity>(request.Object, request), dryRun, cancellationToken),
                "UPDATE" => await webhook.UpdateAsync(Read<TEntity>(request.OldObject, request), Read<TEntity>(request.Object, request), dryRun, cancellationToken),
                "DELETE" => await webhook.DeleteAsync(Read<TEntity>(request.OldObject, request), dryRun, cancellationToken),
                _ => new ValidationResult { Valid = true },
            };
        }
        catch (JsonException e)
        {
            result = new ValidationResult { Valid = false, Status = Unreadable<TEntity>(e) };
        }

        return new AdmissionResponse { Uid = request.Uid, Allowed = result.Valid, Status = result.Status, Warnings = result.Warnings.IsDefaultOrEmpty ? null : result.Warnings };
    }

    private static async Task<AdmissionResponse> MutateAsync<TEntity>(MutationWebhook<TEntity> webhook, AdmissionRequest request, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (request.Operation != "CREATE" || !string.IsNullOrEmpty(request.SubResource)) return new AdmissionResponse { Uid = request.Uid, Allowed = true };
        TEntity entity;
        try
        {
            entity = Read<TEntity>(request.Object, request);
        }
        catch (JsonException e)
        {
            return new AdmissionResponse { Uid = request.Uid, Allowed = false, Status = Unreadable<TEntity>(e) };
        }

        var before = JsonNode.Parse(KubernetesJson.Serialize(entity));
        var result = await webhook.CreateAsync(entity, request.DryRun ?? false, cancellationToken);
        var warnings = result.Warnings.IsDefaultOrEmpty ? null : (IReadOnlyList<string>)result.Warnings;
        if (result.Refusal is not null) return new AdmissionResponse { Uid = request.Uid, Allowed = false, Status = result.Refusal, Warnings = warnings };
        if (result.Modified is null) return new AdmissionResponse { Uid = request.Uid, Allowed = true, Warnings = warnings };
        var patch = JsonPatch.Between(before, JsonNode.Parse(KubernetesJson.Serialize(result.Modified)));
        return new AdmissionResponse
        {
            Uid = request.Uid,
            Allowed = true,
            PatchType = "JSONPatch",
            Patch = JsonSerializer.SerializeToUtf8Bytes(patch),
            Warnings = warnings,
        };
    }

    /// <summary>The object; its namespace is the request's where the object does not say (it is filled in only later).</summary>
    private static TEntity Read<TEntity>(JsonElement json, AdmissionRequest request) where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var entity = json.ValueKind == JsonValueKind.Object ? KubernetesJson.Deserialize<TEntity>(json) : throw new JsonException("the request carries no object");
        entity.Metadata ??= new V1ObjectMeta();
        if (string.IsNullOrEmpty(entity.Metadata.NamespaceProperty)) entity.Metadata.NamespaceProperty = request.Namespace;
        return entity;
    }

    private static AdmissionStatus Unreadable<TEntity>(JsonException e) =>
        new() { Message = $"this {ResourceKind.Of(typeof(TEntity)).Kind} cannot be read at {e.Path ?? "its root"}: {e.Message}" };
}
