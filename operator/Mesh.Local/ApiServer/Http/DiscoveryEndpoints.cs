using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Discovery;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Which groups, versions and kinds there are, in the form a client asks for: one by one, or all in one document.</summary>
internal static class DiscoveryEndpoints
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>False when the path is no discovery path.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext context, string[] parts, ResourceCatalog now)
    {
        switch (parts)
        {
            case ["api"] when WantsAggregated(context):
                await AggregatedAsync(context, DiscoveryDocuments.Aggregated(now, core: true));
                return true;
            case ["apis"] when WantsAggregated(context):
                await AggregatedAsync(context, DiscoveryDocuments.Aggregated(now, core: false));
                return true;
            case ["api"]:
                await PlainAsync(context, DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? ""));
                return true;
            case ["apis"]:
                await PlainAsync(context, DiscoveryDocuments.Groups(now));
                return true;
            case ["api", "v1"]:
                await PlainAsync(context, DiscoveryDocuments.Resources(now, "", "v1"));
                return true;
            case ["apis", var group] when now.Groups.Contains(group):
                await PlainAsync(context, DiscoveryDocuments.Group(now, group));
                return true;
            case ["apis", var group, var version] when now.VersionsOf(group).Contains(version):
                await PlainAsync(context, DiscoveryDocuments.Resources(now, group, version));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Clients list what they take, best first; the version of it before this one is not served any more.</summary>
    private static bool WantsAggregated(HttpContext context)
    {
        foreach (var alternative in context.Request.Headers.Accept.ToString().Split(','))
        {
            var parts = alternative.Split(';', StringSplitOptions.TrimEntries);
            if (parts.Contains("as=APIGroupDiscoveryList"))
            {
                if (parts.Contains("v=v2") && parts.Contains("g=apidiscovery.k8s.io"))
                    return true;
            }
            else if (parts[0] is "application/json" or "application/yaml" or "application/*" or "*/*")
            {
                return false;
            }
        }

        return false;
    }

    private static async Task PlainAsync(HttpContext context, JsonObject body)
    {
        if (ResponseFormat.Choose(context.Request, watch: false) is not { Kind: RepresentationKind.Object } format)
        {
            throw new StatusException(406, "NotAcceptable",
                "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }

        await Answers.WriteAsync(context, 200, format, writer => body.WriteTo(writer));
    }

    /// <summary>With an ETag, by which kubectl keeps its copy.</summary>
    private static async Task AggregatedAsync(HttpContext context, JsonObject body)
    {
        var tag = ETags.Of(body.ToBytes());
        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        await Answers.WriteAsync(context, 200, body, AggregatedType);
    }
}
