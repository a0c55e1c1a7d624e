using Mesh.Local.ApiServer.Streaming;
using Mesh.Local.ApiServer.Subresources;

namespace Mesh.Local.ApiServer.Http;

/// <summary>status, scale, and what pods, namespaces and ServiceAccounts can be asked beside that.</summary>
internal sealed class SubresourceHandler(
    ReadHandler reads, WriteHandler writes, ScaleSubresource scale, BindingSubresource bindings, EvictionSubresource evictions, TokenSubresource tokens,
    LogReading logs, CommandStreaming commands, PortForwarding ports)
{
    public Task AnswerAsync(ApiRequest request) => (request.Subresource, request.Context.Request.Method) switch
    {
        ("status", "GET") => reads.GetAsync(request),
        ("status" or "finalize", "PUT") => writes.ReplaceAsync(request),
        ("status", "PATCH") => writes.PatchAsync(request),
        ("scale", "GET" or "PUT" or "PATCH") => scale.AnswerAsync(request),
        ("binding", "POST") => bindings.AnswerAsync(request),
        ("eviction", "POST") => evictions.AnswerAsync(request),
        ("log", "GET") => logs.AnswerAsync(request),
        ("exec" or "attach", "GET" or "POST") => commands.AnswerAsync(request),
        ("portforward", "GET" or "POST") => ports.AnswerAsync(request),
        ("token", "POST") => tokens.AnswerAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };
}
