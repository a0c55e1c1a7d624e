namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>An expression cannot be read, or has no value for what it was given.</summary>
internal sealed class CelError(string message) : Exception(message);
