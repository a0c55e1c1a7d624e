using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Discovery;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Every request enters here: who is it, may he do that, what does the path mean, who answers. What leaves is an answer in
/// Kubernetes' form, also when something was wrong; a refusal is written at this one place. No object is touched here.
/// </summary>
internal sealed class ApiFrontDoor(
    Authenticator authenticator, Impersonation impersonation, Authorizer authorizer, CurrentCatalog catalog, ResourceEndpoints endpoints, PlainEndpoints plain, OpenApiDocuments openApi,
    Action<Exception>? fault)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (StatusException refusal) when (!context.Response.HasStarted)
        {
            if (refusal.RetryAfter is { } seconds)
                context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Answers.WriteAsync(context, refusal.Code, refusal.ToStatus());
        }
        catch (BadHttpRequestException slow) when (slow.StatusCode == 408 && !context.Response.HasStarted)
        {
            // The body came too slowly, or stopped coming.
            await Answers.WriteAsync(context, 504, new StatusException(
                504, "Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded").ToStatus());
        }
        catch (Exception problem) when (problem is BadHttpRequestException && !context.Response.HasStarted)
        {
            await Answers.WriteAsync(context, 400, StatusException.BadRequest(problem.Message).ToStatus());
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (Exception problem) when (problem is not StatusException)
        {
            // Our own fault, or a connection that broke while we wrote. The one place that catches everything.
            fault?.Invoke(problem);
            if (!context.Response.HasStarted)
                await Answers.WriteAsync(context, 500, StatusException.Internal(problem.Message).ToStatus());
            else
                context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, private";
        context.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
        var user = impersonation.Apply(context, authenticator.Identify(context));
        authorizer.Demand(context, user);
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (await plain.TryAnswerAsync(context, parts))
            return;
        var now = catalog.Now;
        switch (parts)
        {
            case []:
                await Answers.WriteAsync(context, 200, new JsonObject { ["paths"] = plain.Paths(now) });
                break;
            case ["openapi", ..]:
                await openApi.AnswerAsync(context, parts, now);
                break;
            case ["api"]:
                await DiscoverAsync(context, () => DiscoveryDocuments.Aggregated(now, core: true), () => DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? ""));
                break;
            case ["apis"]:
                await DiscoverAsync(context, () => DiscoveryDocuments.Aggregated(now, core: false), () => DiscoveryDocuments.Groups(now));
                break;
            case ["api", "v1"]:
                await Answers.WriteAsync(context, 200, DiscoveryDocuments.Resources(now, "", "v1"));
                break;
            case ["api", "v1", .. var path]:
                await endpoints.AnswerAsync(context, user, now, "", "v1", path);
                break;
            case ["api", ..]:
                throw StatusException.NoSuchResource();
            case ["apis", var group, ..] when !now.Groups.Contains(group):
                await Answers.WriteTextAsync(context, 404, "404 page not found\n");
                break;
            case ["apis", var group]:
                await Answers.WriteAsync(context, 200, DiscoveryDocuments.Group(now, group));
                break;
            case ["apis", var group, var version, ..] when !now.VersionsOf(group).Contains(version):
                await NoSuchVersionAsync(context, now, group);
                break;
            case ["apis", var group, var version]:
                await Answers.WriteAsync(context, 200, DiscoveryDocuments.Resources(now, group, version));
                break;
            case ["apis", var group, var version, .. var path]:
                await endpoints.AnswerAsync(context, user, now, group, version, path);
                break;
            default:
                await Answers.WriteTextAsync(context, 404, "404 page not found\n");
                break;
        }
    }

    private static async Task NoSuchVersionAsync(HttpContext context, ResourceCatalog now, string group)
    {
        if (now.IsBuiltIn(group))
            throw StatusException.NoSuchResource();
        await Answers.WriteTextAsync(context, 404, "404 page not found\n");
    }

    /// <summary>Aggregated when the client asks for version 2 of it, with an ETag by which kubectl keeps its cache.</summary>
    private static async Task DiscoverAsync(HttpContext context, Func<JsonObject> aggregated, Func<JsonObject> legacy)
    {
        const string aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        var accept = context.Request.Headers.Accept.ToString();
        var alternatives = accept.Split(',', StringSplitOptions.TrimEntries).Select(one => one.Replace(" ", "", StringComparison.Ordinal)).ToList();
        foreach (var alternative in alternatives)
        {
            if (alternative.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal))
            {
                if (!alternative.Contains(";v=v2;", StringComparison.Ordinal) && !alternative.EndsWith(";v=v2", StringComparison.Ordinal))
                    continue;
                await WithETagAsync(context, aggregated(), aggregatedType);
                return;
            }

            if (alternative.Length == 0 || alternative.Split(';')[0] is "application/json" or "*/*" or "application/*")
            {
                await Answers.WriteAsync(context, 200, legacy());
                return;
            }
        }

        throw new StatusException(406, "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf");
    }

    private static async Task WithETagAsync(HttpContext context, JsonObject body, string mediaType)
    {
        var tag = ETags.Of(Json.JsonAccess.ToBytes(body));
        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        await Answers.WriteAsync(context, 200, body, mediaType);
    }
}
