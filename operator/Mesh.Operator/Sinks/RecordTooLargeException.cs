namespace Mesh.Operator.Sinks;

/// <summary>A config that no ConfigMap can hold.</summary>
public sealed class RecordTooLargeException(int size, int compressed)
    : Exception($"the config has {size / 1024} KiB, compressed {compressed / 1024} KiB; a ConfigMap holds at most 1 MiB")
{
    public int Size { get; } = size;
}
