namespace Mesh.Local.Faults;

/// <summary>A fault that cannot be made: it names something that is not there, or this machine cannot do it. The message is for the user.</summary>
public sealed class FaultException(string message) : Exception(message);
