namespace Mesh.Operator.Runtime;

/// <summary>An object that does not fit its class: left out, the others go on.</summary>
public sealed record UnreadableObject(ResourceKind Kind, EntityKey Key, string? ResourceVersion, string Why);
