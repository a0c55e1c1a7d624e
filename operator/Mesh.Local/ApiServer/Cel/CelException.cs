namespace Mesh.Local.ApiServer.Cel;

/// <summary>An expression that cannot be read, uses what this server does not have, or fails on a value.</summary>
internal sealed class CelException(string message) : Exception(message);
