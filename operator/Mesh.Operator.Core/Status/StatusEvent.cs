namespace Mesh.Operator.Core.Status;

/// <summary>One thing that happened to a user's object, as <c>kubectl describe</c> tells it.</summary>
public readonly record struct StatusEvent(string Reason, string Message, bool IsWarning);
