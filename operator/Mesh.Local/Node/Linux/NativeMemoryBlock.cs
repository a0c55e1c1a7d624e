using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Mesh.Local.Node.Linux;

/// <summary>Unmanaged memory for the arguments of one system call, freed together.</summary>
internal sealed unsafe class NativeMemoryBlock : IDisposable
{
    private readonly List<nint> _pieces = [];

    public byte* Allocate(int size)
    {
        var piece = NativeMemory.AllocZeroed((nuint)size);
        _pieces.Add((nint)piece);
        return (byte*)piece;
    }

    public byte* String(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var copy = Allocate(bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    /// <summary>A null-terminated array of C strings.</summary>
    public byte** Strings(ImmutableArray<string> texts)
    {
        var array = (byte**)Allocate((texts.Length + 1) * sizeof(byte*));
        for (var i = 0; i < texts.Length; i++) array[i] = String(texts[i]);
        return array;
    }

    public void Dispose()
    {
        foreach (var piece in _pieces) NativeMemory.Free((void*)piece);
        _pieces.Clear();
    }
}
