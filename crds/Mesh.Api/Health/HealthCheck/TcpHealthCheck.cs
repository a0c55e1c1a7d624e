namespace Mesh.Api.Health;

/// <summary>A connection that comes about; it is closed at once.</summary>
public sealed record TcpHealthCheck;
