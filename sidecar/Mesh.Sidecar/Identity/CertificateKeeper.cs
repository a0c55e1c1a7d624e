namespace Mesh.Sidecar.Identity;

/// <summary>
/// Keeps a certificate in force: asks for the first, for the next at half of a certificate's life, and at once when the root
/// that signed it is trusted no more. Each with a new key. What fails is tried again, and what is in force stays meanwhile.
/// </summary>
public sealed class CertificateKeeper(
    IdentityState state, KeptIdentity kept, PodIdentity pod, TimeProvider time, Random random, ILogger<CertificateKeeper> log)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(12);
    private static readonly TimeSpan SoonestRenewal = TimeSpan.FromSeconds(1);

    private readonly Lock taking = new();
    private readonly Doorbell news = new();
    private DateTimeOffset renewAt;
    private volatile CertificateOrder? pending;
    private WorkloadIdentity? timed; // the one that renewAt belongs to

    /// <summary>Raised after anything told here changed.</summary>
    public event Action? Changed;

    /// <summary>The key that waits for its certificate; <c>null</c> when none is wanted.</summary>
    public CertificateOrder? Pending => pending;

    /// <summary>When the next certificate will be asked for.</summary>
    public DateTimeOffset RenewAt => renewAt;

    /// <summary>Why the last attempt failed; empty when it did not.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Since when attempts fail.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>Attempts that failed.</summary>
    public long Failures { get; private set; }

    /// <summary>Takes a certificate for an order, if it may be used.</summary>
    public bool TryAccept(CertificateOrder order, string chain, out string why)
    {
        lock (taking)
        {
            if (order.Done.IsCompleted)
            {
                why = "this key has its certificate already";
                return false;
            }

            var now = time.GetUtcNow();
            if (!order.TryFulfil(chain, state.Trust!, now, out var identity, out why)) return false;
            pending = null;
            kept.Write(order, chain, now);
            PutInForce(identity, now, order.Reason);
            order.Complete();
            return true;
        }
    }

    /// <summary>Notes that an attempt failed.</summary>
    public void Fail(string why)
    {
        bool told;
        lock (taking)
        {
            told = why == Failure;
            Failure = why;
            FailingSince ??= time.GetUtcNow();
            Failures++;
        }

        // The same reason again and again is no news.
        log.Log(told ? LogLevel.Debug : LogLevel.Warning, "No certificate: {Reason}{Kept}", why, state.Current is { } current ? $"; the one until {current.Certificate.NotAfter.ToUniversalTime():u} stays" : "");
        Changed?.Invoke();
    }

    /// <summary>Asks for certificates whenever one is wanted, until cancelled.</summary>
    /// <param name="obtain">Gets an order fulfilled, or says why it could not.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Func<CertificateOrder, CancellationToken, Task<string>> obtain, CancellationToken cancellation)
    {
        state.Changed += news.Ring;
        try
        {
            while (state.Trust is null) await news.WaitAsync(cancellation).ConfigureAwait(false);
            if (kept.TryRead(state.Trust, pod, time.GetUtcNow(), out var identity, out var received)) PutInForce(identity, received, "kept from before");
            while (true)
            {
                if (Wanted() is { } reason) await ObtainAsync(reason, obtain, cancellation).ConfigureAwait(false);
                else await news.WaitAsync(Min(renewAt - time.GetUtcNow(), LongestSleep), time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            state.Changed -= news.Ring;
        }
    }

    private async Task ObtainAsync(string reason, Func<CertificateOrder, CancellationToken, Task<string>> obtain, CancellationToken cancellation)
    {
        var order = CertificateOrder.Create(pod, state.Trust!.TrustDomain, reason, time.GetUtcNow());
        pending = order;
        Changed?.Invoke();
        for (var attempt = 0; !order.Done.IsCompleted; attempt++)
        {
            string why;
            try
            {
                why = await obtain(order, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // The one place of this loop: whatever an attempt brought, the next one is made.
                why = failure.Message;
            }

            if (order.Done.IsCompleted) return;
            Fail(why);
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(order.Done, Task.Delay(Pauses.After(attempt, random), time, woken.Token)).ConfigureAwait(false);
            await woken.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private string? Wanted()
    {
        if (state.Current is not { } current) return "start";
        if (current != timed) SetRenewal(current, time.GetUtcNow());
        if (IssuedChain.RootOf(current.Certificate, [.. current.Context.IntermediateCertificates], state.Trust!) is null) return "root change";
        return time.GetUtcNow() >= renewAt ? "renewal" : null;
    }

    private void PutInForce(WorkloadIdentity identity, DateTimeOffset received, string reason)
    {
        SetRenewal(identity, received);
        (Failure, FailingSince) = ("", null);
        state.Put(identity);
        log.LogInformation(
            "Certificate {Serial} for {Id} is in force ({Reason}) until {Until:u}; the next is asked for at {RenewAt:u}",
            identity.Certificate.SerialNumber, identity.Id, reason, identity.Certificate.NotAfter.ToUniversalTime(), renewAt.UtcDateTime);
        Changed?.Invoke();
    }

    private void SetRenewal(WorkloadIdentity identity, DateTimeOffset received)
    {
        // Half of what was left when it came, and a tenth of that earlier or later, so that pods that started together do not
        // renew together. (Not half from NotBefore: that lies before the issue, by more than a short life would bear.)
        var until = new DateTimeOffset(identity.Certificate.NotAfter);
        var half = (until - received) / 2 * (0.9 + (0.2 * random.NextDouble()));
        renewAt = received + (half > SoonestRenewal ? half : SoonestRenewal);
        timed = identity;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
