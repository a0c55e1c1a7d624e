using System.Globalization;
using System.Text;
using Mesh.Local.ApiServer;
using Mesh.Local.Node.Pods;

namespace Mesh.Local.Node;

/// <summary>Reads containers' logs for `kubectl logs` and `mesh logs`: from the end, from a time, following a container that still writes.</summary>
internal sealed class ContainerLogReader(string directory, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public ValueTask<Stream?> OpenAsync(PodLogRequest request, Func<bool> isRunning, CancellationToken cancellation)
    {
        var pod = PodLogs.DirectoryOf(directory, request.Namespace, request.Pod, request.PodUid);
        if (PodLogs.Find(pod, request.Container, request.Previous) is not { } path) return new ValueTask<Stream?>((Stream?)null);
        var pipe = new System.IO.Pipelines.Pipe();
        _ = CopyAsync(path, request, isRunning, pipe.Writer, cancellation);
        return new ValueTask<Stream?>(pipe.Reader.AsStream());
    }

    private async Task CopyAsync(string path, PodLogRequest request, Func<bool> isRunning, System.IO.Pipelines.PipeWriter writer, CancellationToken cancellation)
    {
        var left = request.LimitBytes ?? long.MaxValue;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
            using var reader = new StreamReader(file, Encoding.UTF8);
            var skip = request.TailLines is { } tail ? Math.Max(0, Count(path, request.Since) - tail) : 0;
            while (left > 0)
            {
                // Asked before the read: what a container wrote last must be read after it has ended.
                var more = request.Follow && isRunning();
                while (left > 0 && await reader.ReadLineAsync(cancellation) is { } line)
                {
                    if (!IsSince(line, request.Since) || skip-- > 0) continue;
                    var bytes = Encoding.UTF8.GetBytes((request.Timestamps ? line : line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]) + "\n");
                    var length = (int)Math.Min(bytes.Length, left);
                    left -= length;
                    await writer.WriteAsync(bytes.AsMemory(0, length), cancellation);
                }

                if (!more) break;
                await Task.Delay(Pause, time, cancellation);
            }

            await writer.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            await writer.CompleteAsync(e is OperationCanceledException or InvalidOperationException ? null : e);
        }
    }

    private static long Count(string path, DateTimeOffset? since)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
        using var reader = new StreamReader(file, Encoding.UTF8);
        long count = 0;
        while (reader.ReadLine() is { } line) count += IsSince(line, since) ? 1 : 0;
        return count;
    }

    private static bool IsSince(string line, DateTimeOffset? since) =>
        since is null || line.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var end)
        || !DateTimeOffset.TryParse(line.AsSpan(0, end), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || at >= since;
}
