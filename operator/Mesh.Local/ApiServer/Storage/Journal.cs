using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// What enters: each write, before anybody is told of it. What leaves, at the next start: the objects as they last stood and
/// the revision they had come to. A file that is only appended to, one record a write, so that a process killed at any moment
/// loses at most a write nobody was answered; a record that is not whole at its end is cut off. When most of it is history it
/// is written anew, beside itself, and takes its own place by a rename. Called under the store's lock.
/// </summary>
/// <remarks>
/// Records lie in the kernel's memory when a write is answered: they outlive the process, not a power cut, which can take the
/// last seconds.
/// </remarks>
internal sealed class Journal : IDisposable
{
    /// <summary>A journal smaller than this is not worth the work of writing it anew.</summary>
    private const long Small = 16 << 20;

    private static ReadOnlySpan<byte> Mark => "meshobj1"u8;

    private readonly string path;
    private SafeFileHandle file;
    private long end;
    private long lastWhole;

    private Journal(string path, SafeFileHandle file, long end)
    {
        (this.path, this.file, this.end) = (path, file, end);
        lastWhole = end;
    }

    /// <summary>Mostly history: time for <see cref="Rewrite"/>.</summary>
    public bool IsWasteful => end > Small && end > 4 * lastWhole;

    /// <summary>Opens a journal, or begins one, and tells what it holds.</summary>
    /// <exception cref="IOException">The file is not a journal, or is damaged elsewhere than at its end.</exception>
    public static (Journal Journal, JournalContent Content) Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path + ".new");
        var content = new JournalContent();
        var end = 0L;
        if (File.Exists(path) && new FileInfo(path).Length > 0)
            end = Read(path, content);
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (end == 0)
        {
            RandomAccess.Write(file, Mark, 0);
            end = Mark.Length;
        }

        RandomAccess.SetLength(file, end);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (new Journal(path, file, end), content);
    }

    /// <exception cref="IOException">The disk is full or gone; the write does not stand.</exception>
    public void Put(string id, StoredObject item) => Append(JournalRecord.Put(id, item));

    /// <exception cref="IOException">The disk is full or gone; the removal does not stand.</exception>
    public void Remove(string id, StoredObject last) => Append(JournalRecord.Remove(id, last));

    /// <summary>
    /// Writes only what stands into a new file and puts it in the place of the old one. Where that cannot be (the disk is
    /// full) the old one goes on, and it is tried again when that has grown further.
    /// </summary>
    public void Rewrite(long revision, IEnumerable<ObjectCollection> collections)
    {
        try
        {
            WriteAnew(path + ".new", revision, collections);
        }
        catch (IOException)
        {
            lastWhole = end;
            return;
        }

        file.Dispose();
        file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        lastWhole = end = RandomAccess.GetLength(file);
    }

    public void Dispose()
    {
        RandomAccess.FlushToDisk(file);
        file.Dispose();
    }

    private void WriteAnew(string fresh, long revision, IEnumerable<ObjectCollection> collections)
    {
        using (var stream = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 1 << 20,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Mark);
            stream.Write(JournalRecord.Revision(revision));
            foreach (var collection in collections)
            {
                foreach (var item in collection.State.Values)
                    stream.Write(JournalRecord.Put(collection.Id, item));
            }
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>At the place after the last whole record: what a failed write left there is written over.</summary>
    private void Append(ReadOnlySpan<byte> record)
    {
        RandomAccess.Write(file, record, end);
        end += record.Length;
    }

    /// <summary>Returns where the last whole record ends.</summary>
    private static long Read(string path, JournalContent content)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        var mark = new byte[Mark.Length];
        if (stream.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || !mark.AsSpan().SequenceEqual(Mark))
            throw new IOException($"{path} does not hold objects in the form this version keeps them; move it away, or mesh down --forget removes it");
        var whole = stream.Position;
        var header = new byte[JournalRecord.HeaderLength];
        while (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length <= 0 || length > stream.Length - stream.Position)
                break;
            var record = new byte[length];
            stream.ReadExactly(record);
            if (JournalRecord.Check(record) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)))
            {
                if (stream.Position < stream.Length)
                    throw new IOException($"{path} is damaged at byte {whole}, before its end; take it from a copy, or mesh down --forget removes it");
                break;
            }

            content.Take(record);
            whole = stream.Position;
        }

        return whole;
    }
}
