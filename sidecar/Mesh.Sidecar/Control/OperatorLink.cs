using Mesh.Config;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>
/// Keeps a session and gets certificates, by waiting for the operator's call first and calling it when it stays away. Where
/// either direction is closed by a policy the other one works.
/// </summary>
internal sealed class OperatorLink(
    IdentityState identity, SessionParts parts, IssuingExchange issuing, PodToken token, TimeProvider time, Random random, ILogger log)
{
    // The operator's leader dials a pod as soon as it sees its address; one that stays away this long is called.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // It had to be called for a certificate: it will have to be for a session.
    private volatile bool operatorStaysAway;

    /// <summary>Gets an order fulfilled, or says why it could not.</summary>
    public async Task<string> ObtainAsync(CertificateOrder order, CancellationToken cancellation)
    {
        var session = parts.Sessions.Current;
        if (session?.OpenedBy == ControlSession.Operator) session.Ask(order.Reason);
        if (session?.OpenedBy != ControlSession.Sidecar && await IsDoneAsync(order, cancellation).ConfigureAwait(false)) return "";
        var trust = identity.Trust!;
        try
        {
            await using var call = await OperatorCall.OpenAsync(trust, WellKnown.IssueName, WellKnown.IssuePath, order.Context, time, cancellation).ConfigureAwait(false);
            operatorStaysAway = true;
            return await issuing.RunAsync(call.Stream, order, cancellation).ConfigureAwait(false);
        }
        catch (IOException away)
        {
            return $"neither did the operator call on port {WellKnown.ControlPort} nor could it be called ({away.Message}); "
                + $"a NetworkPolicy must let the operator in on port {WellKnown.ControlPort} or this pod out to {trust.Address}";
        }
    }

    /// <summary>Calls the operator whenever there is no session for a while, until cancelled.</summary>
    public async Task KeepSessionAsync(CancellationToken cancellation)
    {
        var news = new Doorbell();
        parts.Sessions.Changed += news.Ring;
        identity.Changed += news.Ring;
        var attempt = 0;
        DateTimeOffset? since = null;
        try
        {
            while (true)
            {
                if (parts.Sessions.Current is { } session)
                {
                    attempt = 0;
                    if (session.OpenedBy == ControlSession.Operator) operatorStaysAway = false;
                }

                if (parts.Sessions.Current is not null || !CanCall())
                {
                    since = null;
                    await news.WaitAsync(TimeSpan.FromMinutes(1), time, cancellation).ConfigureAwait(false);
                    continue;
                }

                // Counted from when there could have been one: the operator calls again as soon as it has issued a certificate.
                var alone = time.GetUtcNow() - (since ??= time.GetUtcNow());
                var wait = attempt > 0 ? Pauses.After(attempt - 1, random) : operatorStaysAway ? Pauses.After(0, random) : Pauses.Jitter(Patience, 0.2, random) - alone;
                if (wait > TimeSpan.Zero && await UpWithinAsync(wait, news, cancellation).ConfigureAwait(false)) continue;
                attempt++;
                var before = parts.Sessions.Since;
                var why = await CallAsync(cancellation).ConfigureAwait(false);
                if (parts.Sessions.Since != before) (attempt, since) = (0, null); // there was a session
                else if (why.Length > 0) Tell(why);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            parts.Sessions.Changed -= news.Ring;
            identity.Changed -= news.Ring;
        }
    }

    private bool CanCall() => identity is { Trust.Address.Length: > 0, Current: { } current } && current.Certificate.NotAfter > time.GetUtcNow();

    private async Task<string> CallAsync(CancellationToken cancellation)
    {
        var trust = identity.Trust!;
        try
        {
            await using var call = await OperatorCall.OpenAsync(
                trust, WellKnown.SessionName, WellKnown.SessionPath, identity.Current!.Context, time, cancellation).ConfigureAwait(false);
            if (parts.Sessions.Current is not null) return "";
            var secret = await token.ReadAsync(cancellation).ConfigureAwait(false);
            return await new ControlSession(call.Stream, ControlSession.Sidecar, secret, parts).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException away)
        {
            return $"the operator did not call, and could not be called ({away.Message})";
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The one place of this loop: whatever a call brought, the next one is made.
            log.LogError(failure, "A session ended by a failure");
            return failure.Message;
        }
    }

    private void Tell(string why)
    {
        // The same reason again and again is no news.
        log.Log(parts.State.Report.Session?.Failure == why ? LogLevel.Debug : LogLevel.Warning, "No control session: {Reason}", why);
        parts.Sessions.Fail(why);
    }

    private async Task<bool> UpWithinAsync(TimeSpan wait, Doorbell news, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + wait;
        while (parts.Sessions.Current is null)
        {
            if (!await news.WaitAsync(until - time.GetUtcNow(), time, cancellation).ConfigureAwait(false)) return false;
        }

        return true;
    }

    private async Task<bool> IsDoneAsync(CertificateOrder order, CancellationToken cancellation)
    {
        try
        {
            await order.Done.WaitAsync(Pauses.Jitter(Patience, 0.2, random), time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
