using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Health;

/// <summary>
/// The health check of one cluster: a loop for each member that is there. Members are asked while this proxy uses the cluster
/// (and for a while after), for a proxy may be told thousands of clusters it never sends anything to; where members count as
/// unhealthy until they were asked, they are asked always.
/// </summary>
internal sealed class ClusterCheck
{
    /// <summary>A cluster that nothing was sent to for so long is not asked any more.</summary>
    public static readonly TimeSpan UnusedAfter = TimeSpan.FromMinutes(10);

    private readonly HealthCheck check;
    private readonly MutualTlsClient mutualTls;
    private readonly Random random;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly Doorbell news = new();
    private readonly Dictionary<EndpointState, MemberCheck> members = new(ReferenceEqualityComparer.Instance);
    private volatile CompiledCluster cluster;
    private long usedAt;
    private bool wasUsed;

    public ClusterCheck(CompiledCluster cluster, MutualTlsClient mutualTls, Random random, TimeProvider time, ILogger log)
    {
        (this.cluster, this.mutualTls, this.random, this.time, this.log) = (cluster, mutualTls, random, time, log);
        check = cluster.Config.HealthCheck!;
        cluster.State.OnUsed(news.Ring);
        Ended = RunAsync();
    }

    /// <summary>Completes after <see cref="Stop"/>.</summary>
    public Task Ended { get; }

    /// <summary>A new config says of the cluster; <c>false</c> when it asks for another check.</summary>
    public bool TryObey(CompiledCluster next)
    {
        if (!ReferenceEquals(check, next.Config.HealthCheck) && !IsSame(next.Config.HealthCheck!)) return false;
        cluster = next;
        news.Ring();
        return true;
    }

    public void Stop() => stopping.Cancel();

    // Arrays of records compare by reference.
    private bool IsSame(HealthCheck other) =>
        check == other with { Headers = check.Headers, ExpectedStatuses = check.ExpectedStatuses }
        && check.Headers.SequenceEqual(other.Headers) && check.ExpectedStatuses.SequenceEqual(other.ExpectedStatuses);

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await FollowAsync(IsUsed() ? cluster.Pool.Members : []).ConfigureAwait(false);
                await news.WaitAsync(check.Interval, time, stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await FollowAsync([]).ConfigureAwait(false);
        }
        finally
        {
            cluster.State.OnUsed(null);
        }
    }

    private bool IsUsed()
    {
        if (!check.InitiallyHealthy) return true;
        var now = time.GetTimestamp();
        if (cluster.State.TakeUsed())
        {
            wasUsed = true;
            usedAt = now;
        }

        return wasUsed && time.GetElapsedTime(usedAt, now) < UnusedAfter;
    }

    private async Task FollowAsync(IReadOnlyCollection<CompiledEndpoint> present)
    {
        var states = present.Select(member => member.State).ToHashSet();
        foreach (var (state, running) in members)
        {
            if (states.Contains(state)) continue;
            members.Remove(state);
            await running.StopAsync().ConfigureAwait(false);
        }

        foreach (var member in present)
        {
            if (!members.ContainsKey(member.State)) members.Add(member.State, new MemberCheck(cluster, member, check, mutualTls, random, time, log));
        }
    }
}
