namespace Mesh.Operator.Core.Planning;

/// <summary>A member of a headless Service and the name it has below it; empty when it has none.</summary>
internal readonly record struct MemberName(string Address, string Hostname);
