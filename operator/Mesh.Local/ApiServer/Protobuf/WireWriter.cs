using System.Buffers;
using System.Text;

namespace Mesh.Local.ApiServer.Protobuf;

/// <summary>Writes protobuf's wire form: numbered fields, of which a nested message is one with its length before it.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public void Text(int field, string? text)
    {
        if (text is not null)
            Bytes(field, Encoding.UTF8.GetBytes(text));
    }

    public void Number(int field, long value)
    {
        Variable((ulong)field << 3);
        Variable((ulong)value);
    }

    public void Flag(int field, bool value)
    {
        if (value)
            Number(field, 1);
    }

    public void Real(int field, double value)
    {
        Variable(((ulong)field << 3) | 1);
        System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Variable(((ulong)field << 3) | 2);
        Variable((ulong)bytes.Length);
        buffer.Write(bytes);
    }

    public void Message(int field, Action<WireWriter> write)
    {
        var inner = new WireWriter();
        write(inner);
        Bytes(field, inner.Written);
    }

    private void Variable(ulong value)
    {
        var span = buffer.GetSpan(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        buffer.Advance(count);
    }
}
