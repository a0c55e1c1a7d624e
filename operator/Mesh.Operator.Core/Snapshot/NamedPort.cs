namespace Mesh.Operator.Core.Snapshot;

/// <summary>A container port with a name.</summary>
public readonly record struct NamedPort(string Name, int Port);
