namespace Mesh.Operator.Core.Snapshot;

/// <summary>An address that was given out for a host of a ServiceEntry.</summary>
public readonly record struct EntryAddress(string Host, string Value);
