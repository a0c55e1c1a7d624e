using System.Globalization;
using System.Text;
using Mesh.Local.ApiServer;
using Mesh.Local.Node.Pods;

namespace Mesh.Local.Node;

/// <summary>Reads containers' logs for `kubectl logs` and `mesh logs`: from the end, from a time, following a container that still writes.</summary>
internal sealed class ContainerLogReader(string directory, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="request">Which log, and what of it.</param>
    /// <param name="record">The container as its node knows it; null when it does not run any more.</param>
    /// <param name="isWritten">Whether a run's log is still written: asked while it is followed, which ends with the run.</param>
    public ValueTask<Stream?> OpenAsync(PodLogRequest request, ContainerRecord? record, Func<int, bool> isWritten, CancellationToken cancellation)
    {
        var pod = PodLogs.DirectoryOf(directory, request.Namespace, request.Pod, request.PodUid);
        // A container that waits for its next run shows the last one, whether that or "the previous" is asked for.
        var back = request.Previous && record?.State.Waiting is null ? 1 : 0;
        if (PodLogs.Find(pod, request.Container, back) is not { } path) return new ValueTask<Stream?>((Stream?)null);
        var run = PodLogs.RunOf(path);
        var pipe = new System.IO.Pipelines.Pipe();
        _ = CopyAsync(path, request, () => isWritten(run), pipe.Writer, cancellation);
        return new ValueTask<Stream?>(pipe.Reader.AsStream());
    }

    private async Task CopyAsync(string path, PodLogRequest request, Func<bool> isWritten, System.IO.Pipelines.PipeWriter writer, CancellationToken cancellation)
    {
        var left = request.LimitBytes ?? long.MaxValue;
        var file = Open(path);
        var reader = new StreamReader(file, Encoding.UTF8);
        try
        {
            var skip = request.TailLines is { } tail ? Math.Max(0, Count(path, request.Since) - tail) : 0;
            while (left > 0)
            {
                // Asked before the read: what a container wrote last must be read after it has ended.
                var more = request.Follow && isWritten();
                while (left > 0 && await reader.ReadLineAsync(cancellation) is { } line)
                {
                    if (!IsSince(line, request.Since) || skip-- > 0) continue;
                    var bytes = Encoding.UTF8.GetBytes((request.Timestamps ? line : line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]) + "\n");
                    var length = (int)Math.Min(bytes.Length, left);
                    left -= length;
                    if ((await writer.WriteAsync(bytes.AsMemory(0, length), cancellation)).IsCompleted) left = 0;
                }

                if (!more) break;
                if (new FileInfo(path).Length < file.Position)
                {
                    // It was full and another one begun.
                    reader.Dispose();
                    reader = new StreamReader(file = Open(path), Encoding.UTF8);
                    continue;
                }

                await Task.Delay(Pause, time, cancellation);
            }

            await writer.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            await writer.CompleteAsync(e is OperationCanceledException or InvalidOperationException ? null : e);
        }
        finally
        {
            reader.Dispose();
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);

    private static long Count(string path, DateTimeOffset? since)
    {
        using var reader = new StreamReader(Open(path), Encoding.UTF8);
        long count = 0;
        while (reader.ReadLine() is { } line) count += IsSince(line, since) ? 1 : 0;
        return count;
    }

    private static bool IsSince(string line, DateTimeOffset? since) =>
        since is null || line.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var end)
        || !DateTimeOffset.TryParse(line.AsSpan(0, end), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || at >= since;
}
