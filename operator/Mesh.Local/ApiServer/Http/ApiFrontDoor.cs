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
            await Answers.WriteStatusAsync(context, refusal);
        }
        catch (BadHttpRequestException slow) when (slow.StatusCode == 408 && !context.Response.HasStarted)
        {
            // The body came too slowly, or stopped coming.
            await Answers.WriteAsync(context, 504, new StatusException(
                504, "Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded").ToStatus());
        }
        catch (Exception problem) when (problem is BadHttpRequestException && !context.Response.HasStarted)
        {
            await Answers.WriteStatusAsync(context, StatusException.BadRequest(problem.Message));
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
                await Answers.WriteStatusAsync(context, StatusException.Internal(problem.Message));
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
        if (await DiscoveryEndpoints.TryAnswerAsync(context, parts, now))
            return;
        switch (parts)
        {
            case []:
                await Answers.WriteAsync(context, 200, new JsonObject { ["paths"] = plain.Paths(now) });
                break;
            case ["openapi", ..]:
                await openApi.AnswerAsync(context, parts, now);
                break;
            case ["api", "v1", .. var path]:
                await endpoints.AnswerAsync(context, user, now, "", "v1", path);
                break;
            case ["api", ..]:
                throw StatusException.NoSuchResource();
            case ["apis", var group, ..] when !now.Groups.Contains(group):
                await Answers.WriteTextAsync(context, 404, "404 page not found\n");
                break;
            case ["apis", var group, var version, ..] when !now.VersionsOf(group).Contains(version):
                await NoSuchVersionAsync(context, now, group, parts[3..]);
                break;
            case ["apis", var group, var version, .. var path]:
                await endpoints.AnswerAsync(context, user, now, group, version, path);
                break;
            default:
                await Answers.WriteTextAsync(context, 404, "404 page not found\n");
                break;
        }
    }

    /// <summary>A client that asks for a version without having looked which there are is told where the kind is.</summary>
    private static async Task NoSuchVersionAsync(HttpContext context, ResourceCatalog now, string group, string[] path)
    {
        if (now.In(group).FirstOrDefault(resource => !resource.IsCustom && path.Contains(resource.Plural)) is { } kind)
        {
            var versions = string.Join(", ", kind.Versions.Where(version => version.Served).Select(version => version.Name));
            throw new StatusException(404, "NotFound", $"{kind.GroupResource} are served in version {versions} only", []);
        }

        if (now.IsBuiltIn(group))
            throw StatusException.NoSuchResource();
        await Answers.WriteTextAsync(context, 404, "404 page not found\n");
    }
}
