using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>Schemas of the served kinds.</summary>
internal sealed class OpenApiDocuments
{
    public Task AnswerAsync(HttpContext context, string[] parts, ResourceCatalog catalog) =>
        Answers.WriteTextAsync(context, 404, "404 page not found\n");
}
