using System.Buffers;

namespace Mesh.Sidecar.Telemetry;

/// <summary>
/// The access log. A request writes its line into memory and goes on; one task writes what has gathered. When the reader of
/// the log does not keep up, lines are dropped and counted, never waited for.
/// </summary>
public sealed class AccessLog : IAsyncDisposable
{
    private const int MaxBuffered = 4 * 1024 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? line;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim written = new(0);
    private readonly Func<string, Stream> open;
    private readonly ILogger log;
    private readonly Task loop;
    private ArrayBufferWriter<byte> gathering = new(64 * 1024);
    private ArrayBufferWriter<byte> flushing = new(64 * 1024);
    private volatile string path = "";
    private volatile AccessLogLayout layout = AccessLogLayout.Default;
    private bool signalled;
    private bool stopped;
    private long dropped;

    public AccessLog(ILogger log, Func<string, Stream>? open = null)
    {
        this.log = log;
        this.open = open ?? Open;
        loop = Task.Run(WriteAsync);
    }

    /// <summary>Whether anybody wants the lines.</summary>
    public bool IsOn => path.Length > 0;

    /// <summary>Lines that were not written because the reader did not keep up.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Where the log goes from now on, and in which form; an empty path turns it off.</summary>
    public void Configure(string newPath, AccessLogLayout newLayout)
    {
        layout = newLayout;
        path = newPath;
    }

    /// <summary>Adds a line.</summary>
    public void Write(in AccessLogEntry entry)
    {
        if (!IsOn) return;
        var mine = line ??= new ArrayBufferWriter<byte>(1024);
        mine.ResetWrittenCount();
        layout.Write(mine, entry);
        lock (gate)
        {
            if (stopped || gathering.WrittenCount + mine.WrittenCount > MaxBuffered)
            {
                dropped++;
                return;
            }

            gathering.Write(mine.WrittenSpan);
            if (signalled) return;
            signalled = true;
        }

        written.Release();
    }

    /// <summary>Writes what has gathered and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (stopped) return;
            stopped = true;
        }

        written.Release();
        await loop;
        written.Dispose();
    }

    private async Task WriteAsync()
    {
        var openPath = "";
        Stream? stream = null;
        while (true)
        {
            await written.WaitAsync();
            bool last;
            lock (gate)
            {
                (gathering, flushing) = (flushing, gathering);
                signalled = false;
                last = stopped;
            }

            try
            {
                if (openPath != path)
                {
                    if (stream is not null) await stream.DisposeAsync();
                    stream = null;
                    openPath = path;
                    if (openPath.Length > 0) stream = open(openPath);
                }

                if (stream is not null && flushing.WrittenCount > 0)
                {
                    await stream.WriteAsync(flushing.WrittenMemory);
                    await stream.FlushAsync();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.LogError("The access log {Path} cannot be written: {Error}", path, e.Message);
            }

            flushing.ResetWrittenCount();
            if (!last) continue;
            if (stream is not null) await stream.DisposeAsync();
            return;
        }
    }

    private static Stream Open(string path) => path switch
    {
        "/dev/stdout" => Console.OpenStandardOutput(),
        "/dev/stderr" => Console.OpenStandardError(),
        _ => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite),
    };
}
