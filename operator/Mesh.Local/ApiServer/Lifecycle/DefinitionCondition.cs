namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>What is so with a definition, and why.</summary>
internal sealed record DefinitionCondition(string Type, bool Holds, string Reason, string Message);
