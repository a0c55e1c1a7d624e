namespace Mesh.Local.ApiServer.Admission;

/// <summary>A webhook could not be asked, or its answer cannot be used. What that means, its failurePolicy decides.</summary>
internal sealed class WebhookFailure(string message) : Exception(message);
