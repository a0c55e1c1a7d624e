using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>One host that somebody asked for, and its addresses; looks them up until disposed.</summary>
internal sealed class AskedHost : IDisposable
{
    private readonly DnsPool pool;
    private readonly WatchedName? name;
    private readonly TimeProvider clock;
    private readonly long since;
    private long touched;
    private Made? made;

    /// <param name="cluster">The cluster it was asked for in.</param>
    /// <param name="endpoint">The host (a name or an address) and its port.</param>
    /// <param name="watch">Follows its name.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="leadsBack">Addresses that it must not have.</param>
    public AskedHost(Cluster cluster, Mesh.Config.Endpoint endpoint, Func<string, WatchedName> watch, TimeProvider clock, Func<IPAddress, bool> leadsBack)
    {
        this.clock = clock;
        since = touched = clock.GetTimestamp();
        if (!IPAddress.TryParse(endpoint.Address, out _)) name = watch(endpoint.Address);
        pool = new DnsPool(cluster, [endpoint], _ => name!, clock, leadsBack);
    }

    /// <summary>Raised after each change of <see cref="Members"/>.</summary>
    public event Action? Changed
    {
        add => pool.Changed += value;
        remove => pool.Changed -= value;
    }

    public ImmutableArray<CompiledEndpoint> Members => pool.Current.Members;

    /// <summary>Done after the first lookup.</summary>
    public Task Answered => name?.Answered ?? Task.CompletedTask;

    public bool IsAnswered => Answered.IsCompleted;

    /// <summary>Nothing is under way to it.</summary>
    public bool IsIdle => Members.All(member => member.State.Active == 0);

    public TimeSpan IdleFor => clock.GetElapsedTime(Volatile.Read(ref touched));

    /// <summary>Somebody asks.</summary>
    public void Touch() => Volatile.Write(ref touched, clock.GetTimestamp());

    /// <summary>Whether it has no address, and was asked for first at least this long ago.</summary>
    public bool HasFailed(TimeSpan ago) => IsAnswered && pool.Current.Failure is not null && clock.GetElapsedTime(since) >= ago;

    /// <summary>The cluster with its members; made once for each snapshot.</summary>
    public CompiledCluster ClusterOf(CompiledCluster whole)
    {
        if (Volatile.Read(ref made) is { } known && ReferenceEquals(known.Whole, whole)) return known.Own;
        var now = new Made(whole, whole.With(() => pool.Current));
        Volatile.Write(ref made, now);
        return now.Own;
    }

    public void Dispose()
    {
        pool.Dispose();
        name?.Dispose();
    }

    private sealed record Made(CompiledCluster Whole, CompiledCluster Own);
}
