using Mesh.Sidecar.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Sidecar.Tests.Telemetry;

public sealed class AccessLogTests
{
    [Fact]
    public async Task Every_line_is_written_when_it_is_closed()
    {
        using var stream = new MemoryStream();
        await using (var log = new AccessLog(NullLogger.Instance, _ => stream))
        {
            log.Configure("somewhere", AccessLogLayout.Default);
            for (var i = 0; i < 1000; i++) log.Write(new AccessLogEntry { Method = "GET", Path = $"/{i}" });
        }

        var lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1000, lines.Length);
        Assert.Contains("/999", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turned_off_it_writes_nothing()
    {
        await using var log = new AccessLog(NullLogger.Instance, _ => throw new InvalidOperationException("opened"));
        log.Write(new AccessLogEntry { Method = "GET" });
        Assert.False(log.IsOn);
    }

    [Fact]
    public async Task A_reader_that_does_not_keep_up_costs_lines_and_never_waiting()
    {
        using var blocked = new BlockedStream();
        await using var log = new AccessLog(NullLogger.Instance, _ => blocked);
        log.Configure("pipe", AccessLogLayout.Default);
        log.Write(new AccessLogEntry { Path = "first" });
        await blocked.Writing.Task;
        var path = new string('x', 10_000);
        for (var i = 0; i < 1000; i++) log.Write(new AccessLogEntry { Path = path });

        Assert.True(log.Dropped > 0);
        blocked.Open.SetResult();
    }

    private sealed class BlockedStream : MemoryStream
    {
        public TaskCompletionSource Writing { get; } = new();

        public TaskCompletionSource Open { get; } = new();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writing.TrySetResult();
            await Open.Task;
        }
    }
}
