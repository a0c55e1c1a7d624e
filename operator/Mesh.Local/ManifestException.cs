namespace Mesh.Local;

/// <summary>Manifests that cannot be read or applied; the message is for the user.</summary>
public sealed class ManifestException(string message) : Exception(message);
