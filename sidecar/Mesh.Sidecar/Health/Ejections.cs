using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Health;

/// <summary>
/// Outlier detection of one cluster: members that fail again and again are left out for a while, longer each time. Judged as
/// traffic goes by, by this proxy alone; a timer runs only while somebody is left out or was of late.
/// </summary>
/// <remarks>
/// How many: Envoy asks the share before the first ejection too, so that with the default of 10 percent a pool of fewer than
/// ten members is never protected. Here one may always be ejected, and the last that is left never is.
/// </remarks>
public sealed class Ejections(ClusterState cluster)
{
    private readonly Lock deciding = new();
    private volatile OutlierDetection? terms;
    private Func<EndpointPool> pool = static () => EndpointPool.Empty;
    private TimeProvider time = TimeProvider.System;
    private ITimer? timer;
    private long refused;

    /// <summary>Members that would have been ejected, had not too many been already.</summary>
    public long Refused => Volatile.Read(ref refused);

    /// <summary>Config says this from now on. Without terms everybody comes back.</summary>
    internal void Obey(OutlierDetection? newTerms, Func<EndpointPool> members, TimeProvider clock)
    {
        if (newTerms is null && terms is null) return;
        lock (deciding)
        {
            (pool, time) = (members, clock);
            var isAnotherPace = timer is not null && newTerms?.Interval != terms?.Interval;
            terms = newTerms;
            if (newTerms is null) Forget();
            else if (isAnotherPace) timer!.Change(newTerms.Interval, newTerms.Interval);
        }
    }

    /// <summary>The cluster is no more.</summary>
    internal void Stop()
    {
        lock (deciding)
        {
            terms = null;
            StopTimer();
        }
    }

    /// <summary>The member answered an HTTP request.</summary>
    public void Answered(EndpointState member, int status)
    {
        if (terms is not { } now) return;
        var health = member.Health;
        if (now.SplitLocalOriginErrors) health.CountLocalFailure(failed: false);
        Judge(now, member, status, $"answered {status}");
    }

    /// <summary>A connection to the member came about that carries opaque bytes.</summary>
    public void Connected(EndpointState member)
    {
        if (terms is not { } now) return;
        var health = member.Health;
        health.CountLocalFailure(failed: false);
        if (now.SplitLocalOriginErrors) return;
        health.CountError(failed: false);
        health.CountGatewayError(failed: false);
    }

    /// <summary>The member could not be connected to, cut the connection or (<paramref name="timedOut"/>) took too long.</summary>
    public void Failed(EndpointState member, bool timedOut)
    {
        if (terms is not { } now) return;
        if (!now.SplitLocalOriginErrors)
        {
            Judge(now, member, timedOut ? 504 : 503, timedOut ? "did not answer in time" : "could not be reached or cut the connection");
            return;
        }

        var row = member.Health.CountLocalFailure(failed: true);
        if (now.ConsecutiveLocalOriginFailures > 0 && row >= now.ConsecutiveLocalOriginFailures)
            TryEject(member, $"could not be reached, cut the connection or took too long {row} times in a row");
    }

    private void Judge(OutlierDetection now, EndpointState member, int status, string did)
    {
        var health = member.Health;
        var gateway = health.CountGatewayError(failed: status is 502 or 503 or 504);
        var errors = health.CountError(failed: now.ErrorCodes.IsEmpty ? status is >= 500 and < 600 : now.ErrorCodes.Contains(status));
        if (now.Consecutive5xx > 0 && errors >= now.Consecutive5xx) TryEject(member, $"failed {errors} times in a row, last it {did}");
        else if (now.ConsecutiveGatewayErrors > 0 && gateway >= now.ConsecutiveGatewayErrors) TryEject(member, $"failed as a gateway {gateway} times in a row, last it {did}");
    }

    private void TryEject(EndpointState member, string reason)
    {
        lock (deciding)
        {
            if (terms is not { } now || member.Health.IsEjected) return;
            var members = pool().Members;
            if (!MayEject(now, members))
            {
                Interlocked.Increment(ref refused);
                return;
            }

            var health = member.Health;
            var lasts = DurationOf(now, health.InARow + 1);
            var at = time.GetUtcNow();
            health.Eject(new Ejection(reason, at, at + lasts, time.GetTimestamp() + (long)(lasts.TotalSeconds * time.TimestampFrequency)));
            timer ??= time.CreateTimer(static state => ((Ejections)state!).Look(), this, now.Interval, now.Interval);
        }

        cluster.ChangeHealth(member);
    }

    private static bool MayEject(OutlierDetection now, ImmutableArray<CompiledEndpoint> members)
    {
        var (ejected, left) = (0, 0);
        foreach (var member in members)
        {
            if (member.State.Health.IsEjected) ejected++;
            if (!member.State.Health.IsOut) left++;
        }

        if (left <= 1) return false;
        return ejected == 0 || (ejected + 1) * 100L <= (long)now.MaxEjectionPercent * members.Length;
    }

    private static TimeSpan DurationOf(OutlierDetection now, int inARow)
    {
        var most = now.MaxEjectionTime > now.BaseEjectionTime ? now.MaxEjectionTime : now.BaseEjectionTime;
        // Compared before it is multiplied: a row of thousands must not overflow.
        return inARow >= most / now.BaseEjectionTime ? most : now.BaseEjectionTime * inARow;
    }

    // Who has served the time comes back; who has behaved for an interval has one ejection forgiven.
    private void Look()
    {
        List<EndpointState>? returned = null;
        lock (deciding)
        {
            if (terms is not { } now || timer is null) return;
            var at = time.GetTimestamp();
            var anybody = false;
            foreach (var member in pool().Members)
            {
                var health = member.State.Health;
                if (health.Ejection is { } ejection)
                {
                    if (at >= ejection.Due)
                    {
                        health.Return(at);
                        (returned ??= []).Add(member.State);
                    }
                }
                else if (health.InARow > 0 && time.GetElapsedTime(health.ReturnedAt, at) >= now.Interval)
                {
                    health.InARow--;
                }

                anybody |= health.InARow > 0;
            }

            if (!anybody) StopTimer();
        }

        foreach (var member in returned ?? []) cluster.ChangeHealth(member);
    }

    private void Forget()
    {
        foreach (var member in pool().Members)
        {
            var health = member.State.Health;
            health.InARow = 0;
            if (!health.IsEjected) continue;
            health.Return(time.GetTimestamp());
            cluster.ChangeHealth(member.State);
        }

        StopTimer();
    }

    private void StopTimer()
    {
        timer?.Dispose();
        timer = null;
    }
}
