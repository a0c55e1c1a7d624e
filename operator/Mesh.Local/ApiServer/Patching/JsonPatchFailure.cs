namespace Mesh.Local.ApiServer.Patching;

/// <summary>An operation of a JSON patch that cannot be done, in the words of the library Kubernetes uses.</summary>
internal sealed class JsonPatchFailure(string message) : Exception(message);
