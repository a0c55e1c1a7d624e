using System.Collections.Concurrent;
using System.Text.Json;
using Mesh.Config.Control;
using Mesh.Operator.Identity;

namespace Mesh.Operator.Control;

/// <summary>
/// Calls each pod of the mesh as soon as it has an address: a session, or first an issuing exchange where its sidecar has no
/// certificate yet. Each pod has its own loop, quick while the pod starts, patient later.
/// </summary>
public sealed class SessionDialer(
    SessionBook sessions, SessionOpening opening, CertificateAuthority authority, ControlReach reach, TimeProvider time, Random random, ILogger<SessionDialer> log) : IDisposable
{
    private static readonly TimeSpan PatienceWithStarters = TimeSpan.FromMinutes(2);

    // After that the sidecar, which sees that it has none, asks again.
    private const int Attempts = 4;

    private readonly Dictionary<string, Call> _calls = [];
    private readonly ConcurrentDictionary<string, byte> _issuing = new();

    /// <summary>The pods that should have a session now; loops of others end.</summary>
    public void Publish(IEnumerable<ControlTarget> targets, CancellationToken cancellationToken)
    {
        var wanted = targets.ToDictionary(target => target.PodUid);
        foreach (var (uid, call) in _calls.Where(c => !wanted.TryGetValue(c.Key, out var target) || target != c.Value.Target).ToList())
        {
            call.Stop.Cancel();
            call.Stop.Dispose();
            _calls.Remove(uid);
            if (!wanted.ContainsKey(uid)) reach.Forget(uid);
        }

        foreach (var target in wanted.Values)
        {
            if (_calls.ContainsKey(target.PodUid)) continue;
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _calls[target.PodUid] = new Call(target, stop);
            _ = CallAsync(target, stop.Token);
        }
    }

    /// <summary>Ends all loops and their sessions.</summary>
    public void Stop()
    {
        foreach (var call in _calls.Values)
        {
            call.Stop.Cancel();
            call.Stop.Dispose();
        }

        _calls.Clear();
    }

    public void Dispose() => Stop();

    private async Task CallAsync(ControlTarget target, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var soon = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), random);
        var later = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), random);
        var heardAt = time.GetTimestamp();
        reach.Calling(target);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // A session that the sidecar opened is as good.
                if (!sessions.IsUp(target.PodUid) && await SpeakAsync(target, cancellationToken))
                {
                    soon.Reset();
                    later.Reset();
                    heardAt = time.GetTimestamp();
                    continue;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DialException or IOException or HttpRequestException or JsonException or TimeoutException or OperationCanceledException or InvalidOperationException)
            {
                reach.Failed(target, e is DialException dial ? dial.Failure : DialFailure.Protocol, e.Message);
                log.LogDebug("No session with {Pod} at {Address}: {Why}", target.Pod, target.Address, e.Message);
            }

            var pause = time.GetElapsedTime(heardAt) < PatienceWithStarters ? soon.Next() : later.Next();
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A session for as long as it lives, or a certificate. True: try again at once.</summary>
    private async Task<bool> SpeakAsync(ControlTarget target, CancellationToken cancellationToken)
    {
        var trust = await authority.TrustAsync(cancellationToken);
        ControlConnection connection;
        try
        {
            connection = await ControlConnection.OpenSessionAsync(target, trust, time, cancellationToken);
        }
        catch (DialException e) when (e.Failure is DialFailure.NotIdentified or DialFailure.Handshake)
        {
            // It has no certificate yet, or one that is no longer good.
            return await IssueAsync(target, trust, cancellationToken);
        }

        await using (connection)
        {
            var hello = await opening.HelloAsync(connection.Stream, cancellationToken) ?? throw new DialException(DialFailure.Protocol, "the sidecar did not say who it is");
            Check(target, hello);
            await opening.RunAsync(connection.Stream, hello, target.Pod, "operator", reason => _ = IssueAsideAsync(target, reason, cancellationToken), cancellationToken);
            reach.Spoken(target);
            return true;
        }
    }

    private async Task<bool> IssueAsync(ControlTarget target, Trust trust, CancellationToken cancellationToken)
    {
        // One at a time for a pod: the sidecar may ask within a session while its own exchange is under way.
        if (!_issuing.TryAdd(target.PodUid, 0)) return false;
        try
        {
            await using var connection = await ControlConnection.OpenIssuingAsync(target, trust, time, cancellationToken);
            var hello = await opening.HelloAsync(connection.Stream, cancellationToken) ?? throw new DialException(DialFailure.Protocol, "the sidecar did not say who it is");
            Check(target, hello);
            var (issued, why) = await opening.IssueAsync(connection.Stream, hello, connection.PeerKey, cancellationToken);
            if (!issued) throw new DialException(DialFailure.Protocol, $"no certificate: {why}");
            // The sidecar ends the stream once it has it in force.
            await connection.Stream.EndAsync(time, cancellationToken);
            return true;
        }
        finally
        {
            _issuing.TryRemove(target.PodUid, out _);
        }
    }

    private async Task IssueAsideAsync(ControlTarget target, string reason, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), random);
        for (var attempt = 0; attempt < Attempts && !cancellationToken.IsCancellationRequested; attempt++)
        {
            try
            {
                if (authority.Current is { } trust) await IssueAsync(target, trust, cancellationToken);
                return;
            }
            catch (Exception e) when (e is DialException or IOException or HttpRequestException or JsonException or TimeoutException or OperationCanceledException or InvalidOperationException)
            {
                log.LogInformation("Pod {Pod} asked for a certificate ({Reason}) and got none: {Why}", target.Pod, reason, e.Message);
            }

            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Check(ControlTarget target, SidecarHello hello)
    {
        if (hello.PodUid != target.PodUid || hello.Namespace != target.Pod.Namespace || hello.Pod != target.Pod.Name)
            throw new DialException(DialFailure.Protocol, $"{target.Address} speaks for pod {hello.Namespace}/{hello.Pod} (uid {hello.PodUid})");
    }

    private sealed record Call(ControlTarget Target, CancellationTokenSource Stop);
}
