namespace Mesh.Local.ApiServer.Http;

/// <summary>Kinds that are questions: posted, answered, not kept.</summary>
internal sealed class ReviewHandler
{
    public Task AnswerAsync(ApiRequest request) => throw StatusException.MethodNotAllowed();
}
