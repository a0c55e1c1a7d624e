namespace Mesh.Local.Node.Containers;

/// <summary>A container that cannot start: its manifest or the machine does not allow it. Becomes status and Event of its Pod.</summary>
internal sealed class ContainerStartException(string reason, string message, int exitCode) : Exception(message)
{
    public string Reason { get; } = reason;

    public int ExitCode { get; } = exitCode;
}
