namespace Mesh.Sidecar.Connections;

/// <summary>No mutual TLS with a client; nothing of what it wanted to say was heard.</summary>
public sealed class TlsRefusedException(string reason, Exception? inner) : IOException($"No mutual TLS: {reason}.", inner)
{
    /// <summary>Why, in the words of the access log.</summary>
    public string Reason { get; } = reason;
}
