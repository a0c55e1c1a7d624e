using System.Buffers.Text;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// A container's log file: one line of output a line, each behind the time it came ("2026-01-02T03:04:05.0000000Z text").
/// Past <see cref="MostBytes"/> the file becomes FILE.1 and a new one is begun, so a chatty container cannot fill the disk.
/// Written by one thread only.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    public const long MostBytes = 64L << 20;

    /// <summary>A longer line is cut in two, so a program that never ends its line does not fill memory.</summary>
    private const int LongestLine = 16 * 1024;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly MemoryStream _line = new();
    private FileStream _file;

    public ContainerLog(string path, TimeProvider time)
    {
        (_path, _time) = (path, time);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = Open();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> stamp = stackalloc byte[40];
        Utf8Formatter.TryFormat(_time.GetUtcNow().UtcDateTime, stamp, out var length, 'O');
        stamp[length++] = (byte)' ';
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            if (_line.Length == 0) _line.Write(stamp[..length]);
            _line.Write(part);
            bytes = bytes[(end < 0 ? part.Length : end + 1)..];
            if (end >= 0 || _line.Length > LongestLine) EndLine();
        }

        _file.Flush();
        if (_file.Length > MostBytes) Rotate();
    }

    public void Dispose()
    {
        if (_line.Length > 0) EndLine();
        _file.Dispose();
    }

    private void EndLine()
    {
        _line.WriteByte((byte)'\n');
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
        _line.SetLength(0);
    }

    private void Rotate()
    {
        _file.Dispose();
        File.Move(_path, _path + ".1", overwrite: true);
        _file = Open();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
}
