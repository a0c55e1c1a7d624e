namespace Mesh.Local.ApiServer.Schema;

/// <summary>A document that cannot be of the type it should be. What the client is told depends on how the document came.</summary>
internal sealed class DecodingException(string problem) : Exception(problem);
