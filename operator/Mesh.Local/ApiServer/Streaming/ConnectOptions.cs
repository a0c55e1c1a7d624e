using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>
/// What a client asks of a pod's exec, attach or portforward, as the object that Kubernetes has for it: admission webhooks
/// are shown it (operation CONNECT), may change it and may refuse it, before the pod is looked for.
/// </summary>
internal static class ConnectOptions
{
    private static readonly string[] Flags = ["stdin", "stdout", "stderr", "tty"];

    public static async Task<JsonObject> AdmitAsync(ApiRequest request, AdmissionChain admission)
    {
        var (kind, options) = request.Subresource switch
        {
            "exec" => ("PodExecOptions", Command(request)),
            "attach" => ("PodAttachOptions", Command(request)),
            _ => ("PodPortForwardOptions", Ports(request)),
        };
        var write = WriteRequest.Of(request) with { Resource = request.Resource with { Kind = kind } };
        var call = new AdmissionCall(write, "CONNECT", options, null);
        call = call with { Object = await admission.MutateAsync(call, request.Cancellation) };
        await admission.ValidateAsync(call, request.Cancellation);
        return call.Object!;
    }

    private static JsonObject Command(ApiRequest request)
    {
        var options = new JsonObject();
        foreach (var flag in Flags.Where(request.QueryFlag))
            options[flag] = true;
        if (request.Query("container") is { Length: > 0 } container)
            options["container"] = container;
        if (request.Subresource == "exec" && request.Context.Request.Query["command"] is { Count: > 0 } words)
            options["command"] = new JsonArray([.. words.Select(word => (JsonNode)(word ?? ""))]);
        return options;
    }

    private static JsonObject Ports(ApiRequest request)
    {
        var options = new JsonObject();
        var given = request.Context.Request.Query["ports"].SelectMany(text => (text ?? "").Split(',')).Where(text => text.Length > 0).ToList();
        if (given.Count > 0)
        {
            options["ports"] = new JsonArray([.. given.Select(text => int.TryParse(text, out var port) && port is > 0 and < 65536
                ? (JsonNode)port
                : throw StatusException.BadRequest($"unable to parse {FieldProblem.Quote(text)} as a port"))]);
        }

        return options;
    }
}
