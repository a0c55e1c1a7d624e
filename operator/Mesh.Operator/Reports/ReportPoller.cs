using System.Text.Json;
using Mesh.Config;

namespace Mesh.Operator.Reports;

/// <summary>
/// Asks each sidecar for its report and is answered as soon as it changes (or after ten seconds). Every pod has its own
/// loop, so that one that is slow or silent delays nobody.
/// </summary>
public sealed class ReportPoller(ReportBook book, TimeProvider time, Random random, ILogger<ReportPoller> log) : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PatienceWithStarters = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Poll> _polls = [];
    private HashSet<string> _members = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        MaxConnectionsPerServer = 2,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 16 * 1024 * 1024,
    };

    /// <summary>The pods of the mesh, of which those without a session should be asked now; loops of others end.</summary>
    public void Publish(IReadOnlyCollection<ReportTarget> targets, Func<string, bool> hasSession, CancellationToken cancellationToken)
    {
        var members = targets.Select(t => t.PodUid).ToHashSet();
        foreach (var uid in _members.Where(uid => !members.Contains(uid))) book.Forget(uid);
        _members = members;
        var wanted = targets.Where(t => !hasSession(t.PodUid)).ToDictionary(t => t.PodUid);
        foreach (var (uid, poll) in _polls.Where(p => !wanted.TryGetValue(p.Key, out var target) || target.Address != p.Value.Target.Address).ToList())
        {
            poll.Stop.Cancel();
            poll.Stop.Dispose();
            _polls.Remove(uid);
        }

        foreach (var target in wanted.Values)
        {
            if (_polls.ContainsKey(target.PodUid)) continue;
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _polls[target.PodUid] = new Poll(target, stop);
            _ = PollAsync(target, stop.Token);
        }
    }

    /// <summary>Ends all loops; what was heard stays.</summary>
    public void Stop()
    {
        foreach (var poll in _polls.Values)
        {
            poll.Stop.Cancel();
            poll.Stop.Dispose();
        }

        _polls.Clear();
    }

    public void Dispose()
    {
        Stop();
        _http.Dispose();
    }

    private async Task PollAsync(ReportTarget target, CancellationToken cancellationToken)
    {
        await Task.Yield();
        OperatorMetrics.Proxies.Add(1);
        // A sidecar that starts is heard soon after; one that stays silent costs little.
        var soon = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), random);
        var later = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), random);
        var heardAt = time.GetTimestamp();
        var after = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var report = await AskAsync(target, after, cancellationToken);
                if (report.PodUid.Length > 0 && report.PodUid != target.PodUid)
                    throw new HttpRequestException($"{target.Address} answers for another pod (uid {report.PodUid})");
                if (cancellationToken.IsCancellationRequested) break;
                soon.Reset();
                later.Reset();
                heardAt = time.GetTimestamp();
                var news = report.Sequence != after || book.Current.GetValueOrDefault(target.PodUid) is null or { SilentSince: not null };
                after = report.Sequence;
                if (news) book.Heard(target.PodUid, report);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException or TimeoutException or OperationCanceledException)
            {
                // It may be a new process, whose numbers begin anew.
                after = 0;
                book.Silent(target.PodUid, time.GetUtcNow(), e.Message);
                log.LogDebug("No report from {Pod} at {Address}: {Why}", target.Pod, target.Address, e.Message);
                var pause = time.GetElapsedTime(heardAt) < PatienceWithStarters ? soon.Next() : later.Next();
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        OperatorMetrics.Proxies.Add(-1);
    }

    private async Task<ProxyReport> AskAsync(ReportTarget target, long after, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Wait + TimeSpan.FromSeconds(5), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            // The first question is answered at once, whatever the number.
            var query = after == 0 ? "" : $"?after={after}&wait={Wait.TotalSeconds:0}s";
            // A sidecar of another version may leave members out, which take their defaults, or say more than is known here.
            return ProxyConfigJson.ReadSaid<ProxyReport>(await _http.GetByteArrayAsync(new Uri($"http://{target.Address}/report{query}"), either.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no report from {target.Address} within {(Wait + TimeSpan.FromSeconds(5)).TotalSeconds:0} s");
        }
    }

    private sealed record Poll(ReportTarget Target, CancellationTokenSource Stop);
}
