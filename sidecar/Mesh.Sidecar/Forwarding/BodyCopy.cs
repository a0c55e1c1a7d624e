using System.Buffers;

namespace Mesh.Sidecar.Forwarding;

/// <summary>Gathers a body that passes by on its way to the first try; past <see cref="Cap"/> it is let go.</summary>
/// <param name="ended">Called once with the whole body, when the client has sent all of it and it was not too long.</param>
public sealed class BodyCopy(Action<ReadOnlyMemory<byte>> ended)
{
    /// <summary>The longest body that is copied; as what is kept for a further try.</summary>
    public const int Cap = RequestTee.Cap;

    private ArrayBufferWriter<byte>? bytes = new();

    /// <summary>Whether the whole body was handed on.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes passed by.</summary>
    public void Take(ReadOnlySpan<byte> passed)
    {
        if (bytes is null) return;
        if (bytes.WrittenCount + passed.Length > Cap) bytes = null;
        else bytes.Write(passed);
    }

    /// <summary>The client has sent all.</summary>
    public void End()
    {
        if (bytes is not { } whole) return;
        bytes = null;
        IsComplete = true;
        ended(whole.WrittenMemory);
    }
}
