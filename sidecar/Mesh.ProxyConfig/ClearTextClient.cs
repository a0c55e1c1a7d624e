namespace Mesh.Config;

/// <summary>Someone who reached the application in clear text.</summary>
/// <param name="Address">IP address of the caller.</param>
/// <param name="Port">Port of the application.</param>
/// <param name="Connections">Connections since the sidecar started.</param>
/// <param name="LastSeen">When the last of them was opened, to the minute.</param>
public sealed record ClearTextClient(string Address, int Port, long Connections, DateTimeOffset LastSeen);
