namespace Mesh.Local.ApiServer.Http;

/// <summary>status, scale, and what pods, namespaces and ServiceAccounts can be asked beside that.</summary>
internal sealed class SubresourceHandler(ReadHandler reads, WriteHandler writes)
{
    public Task AnswerAsync(ApiRequest request) => (request.Subresource, request.Context.Request.Method) switch
    {
        ("status", "GET") => reads.GetAsync(request),
        ("status" or "finalize", "PUT") => writes.ReplaceAsync(request),
        ("status", "PATCH") => writes.PatchAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };
}
