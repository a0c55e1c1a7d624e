namespace Mesh.Local.Node.Linux;

/// <summary>What is wanted of a process's standard streams. Without input it reads from /dev/null.</summary>
internal sealed record ProcessStreams
{
    /// <summary>Gets the bytes as they come, on the process's own thread, which waits meanwhile; true: from standard error.</summary>
    public required Action<ReadOnlyMemory<byte>, bool> Output { get; init; }

    /// <summary>A pipe for standard input that stays open until it is ended.</summary>
    public bool Input { get; init; }

    /// <summary>Standard error has a pipe of its own. Otherwise both share one, and their order is kept.</summary>
    public bool Apart { get; init; }

    /// <summary>Whose the streams are: a program that opens /dev/stdout by name needs them to be its own.</summary>
    public uint Owner { get; init; }
}
