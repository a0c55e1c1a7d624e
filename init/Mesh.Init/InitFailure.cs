namespace Mesh.Init;

/// <summary>The world's refusal, in words for the person who reads the init container's log, and its exit code.</summary>
public sealed class InitFailure(int exitCode, string message) : Exception(message)
{
    /// <summary>Rules could not be loaded, or loaded rules did not redirect.</summary>
    public const int NotApplied = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A capability is missing.</summary>
    public const int NotPermitted = 3;

    /// <summary>Exit code of the program.</summary>
    public int ExitCode { get; } = exitCode;
}
