namespace Mesh.Operator.Core.Planning;

/// <summary>A rule of a delegate that does not act.</summary>
/// <param name="Index">Its place in the delegate.</param>
/// <param name="Why">Which condition is in conflict with the delegating rule's.</param>
internal sealed record DroppedRule(int Index, string Why);
