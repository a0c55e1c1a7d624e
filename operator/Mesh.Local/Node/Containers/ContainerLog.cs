using System.Buffers.Text;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// A container's log file: one line of output a line, each behind the time it came ("2026-01-02T03:04:05.000000000Z text").
/// Output and errors share it, but a line is never made of both.
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
    private readonly MemoryStream _outputLine = new();
    private readonly MemoryStream _errorLine = new();
    private FileStream _file;

    public ContainerLog(string path, TimeProvider time)
    {
        (_path, _time) = (path, time);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = Open();
    }

    public void Append(ReadOnlySpan<byte> bytes, bool isError)
    {
        Span<byte> stamp = stackalloc byte[40];
        Utf8Formatter.TryFormat(_time.GetUtcNow().UtcDateTime, stamp, out var length, 'O');
        // Nine digits, as everywhere in Kubernetes; the clock gives seven.
        "00Z "u8.CopyTo(stamp[(length - 1)..]);
        length += 3;
        var line = isError ? _errorLine : _outputLine;
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            if (line.Length == 0) line.Write(stamp[..length]);
            line.Write(part);
            bytes = bytes[(end < 0 ? part.Length : end + 1)..];
            if (end >= 0 || line.Length > LongestLine) EndLine(line);
        }

        _file.Flush();
        if (_file.Length > MostBytes) Rotate();
    }

    public void Dispose()
    {
        if (_outputLine.Length > 0) EndLine(_outputLine);
        if (_errorLine.Length > 0) EndLine(_errorLine);
        _file.Dispose();
    }

    private void EndLine(MemoryStream line)
    {
        line.WriteByte((byte)'\n');
        _file.Write(line.GetBuffer(), 0, (int)line.Length);
        line.SetLength(0);
    }

    private void Rotate()
    {
        _file.Dispose();
        File.Move(_path, _path + ".1", overwrite: true);
        _file = Open();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
}
