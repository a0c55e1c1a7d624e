using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>An open watch: its lines are read as they come and kept until the step that expects them.</summary>
internal sealed class WatchLines : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly List<JsonNode> unread = [];
    private readonly Lock gate = new();
    private readonly Task reading;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchLines(HttpResponseMessage response, Stream stream)
    {
        this.response = response;
        reading = ReadAsync(new StreamReader(stream));
    }

    /// <summary>Lines that no step has asked for so far.</summary>
    public IReadOnlyList<JsonNode> Unread
    {
        get
        {
            lock (gate)
                return [.. unread];
        }
    }

    /// <summary>Takes the line that is meant, waiting for it; null when it does not come in time or the stream ends without it.</summary>
    /// <param name="meant">Which.</param>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="passOver">Those that came before it are not asked for any more.</param>
    public async Task<(JsonNode? Line, bool First)> TakeAsync(Func<JsonNode, bool> meant, TimeSpan patience, bool passOver = false)
    {
        var late = Task.Delay(patience);
        while (true)
        {
            Task next;
            var over = reading.IsCompleted;
            lock (gate)
            {
                if (unread.FindIndex(line => meant(line)) is >= 0 and var found)
                {
                    var line = unread[found];
                    unread.RemoveRange(passOver ? 0 : found, passOver ? found + 1 : 1);
                    return (line, found == 0);
                }

                next = changed.Task;
            }

            if (over || await Task.WhenAny(next, late) == late)
                return (null, false);
        }
    }

    public async Task<bool> EndsAsync(TimeSpan patience) => await Task.WhenAny(reading, Task.Delay(patience)) == reading;

    public void Dispose() => response.Dispose();

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
                Tell(JsonNode.Parse(line)!);
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException or HttpRequestException or OperationCanceledException)
        {
            // We closed it, or the server went: either way the stream is at its end.
        }

        Tell(null);
    }

    private void Tell(JsonNode? line)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            if (line is not null)
                unread.Add(line);
            (signal, changed) = (changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        signal.SetResult();
    }
}
