using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Identity;

// Certificates are reconciled here: the roots in their Secret, the operator's own certificate, and each workload's on request.
// In come the Secret, the reports of proxies, signing requests with tokens; out go the Secret's next state, certificates,
// lines of the audit log and Events. What never happens here: a decision that Core does not make, a key or a token in a log.

/// <summary>
/// Keeps the mesh's roots: every replica reads them, the leader alone makes them and takes each step of their renewal, one
/// conditional write a step, so that neither a crash nor a second leader can do a step twice or leave one half done.
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, OwnNamespace = true, Names = [AuthoritySecret.Name])]
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get, OwnNamespace = true, Names = [UserAuthorityReader.SecretName])]
public sealed class CertificateAuthority(
    IKubernetesClient client, LeaderGate gate, MeshState state, IEnumerable<IEntityWatcher> watchers, RootCensus census, EventPublisher events, Debounce changes,
    OperatorOptions options, TimeProvider time, Random random, ILogger<CertificateAuthority> log) : BackgroundService
{
    private static readonly TimeSpan OwnLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<Trust> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Trust? _trust;
    private string _said = "";
    private long? _waitedAt;
    private readonly Dictionary<string, RootPair> _seen = [];
    private RootPair? _users;
    private string _usersVersion = "";
    private string _usersSaid = "";

    /// <summary>Null before the roots are known.</summary>
    public Trust? Current => _trust;

    /// <summary>The roots of now, as soon as there are any.</summary>
    public async Task<Trust> TrustAsync(CancellationToken cancellationToken) => _trust ?? await _first.Task.WaitAsync(cancellationToken);

    /// <summary>Life of workload certificates, as MeshConfig says.</summary>
    public TimeSpan WorkloadLife => IssuingSettings.LifeOf(state.Current);

    /// <summary>Whom the mesh knows this operator as.</summary>
    public SpiffeId Id => new(state.Current.Settings.TrustDomain, options.Namespace, OperatorOptions.ServiceName);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        // The trust domain is in the mesh-wide settings.
        await Task.WhenAll(watchers.Select(watcher => watcher.Synced)).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), Interval, random);
        Task? leading = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                // What is taken for a step may have opened the next one.
                while (await TurnAsync(stoppingToken))
                {
                }

                // A replica waits for the leader to make the roots.
                pause = _trust is null ? backoff.Next() : Pace();
                if (_trust is not null) backoff.Reset();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The one place of this loop: what was known goes on signing.
                pause = backoff.Next();
                log.LogWarning("The certificate authority could not be kept, trying again in {Pause:0.0} s: {Why}", pause.TotalSeconds, e is ApiException or HttpRequestException or TimeoutException ? e.Message : e);
            }

            // Who comes to lead looks at once: it may have to make the roots that everything waits for.
            var elapsed = Task.Delay(pause, time, stoppingToken);
            if (leading is null or { IsCompleted: true }) leading = gate.WaitAsync(stoppingToken);
            await (leading.IsCompleted ? elapsed : Task.WhenAny(elapsed, leading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A life that is tried out in minutes is looked at more often.
    private TimeSpan Pace()
    {
        var shortest = new[] { Interval, WorkloadLife / 20, options.RootLife / 100 }.Min();
        return shortest < TimeSpan.FromMilliseconds(500) ? TimeSpan.FromMilliseconds(500) : shortest;
    }

    /// <summary>Reads, and takes a step where one is due. True: look again at once.</summary>
    private async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        var (wanted, users) = await UsersAsync(cancellationToken);
        var secret = await client.GetAsync<V1Secret>(AuthoritySecret.Name, options.Namespace, cancellationToken);
        if (secret is null)
        {
            // A user who meant to bring an authority and got it wrong is not given another one instead.
            if (!gate.IsLeading || (wanted == RootOwner.Unchanged && _trust is null)) return false;
            return await WriteAsync(_trust?.Ring ?? new RootRing { Active = users ?? MakeRoot() }, null, "RootMade", users is null ? "made the mesh's root" : "the user's authority signs", cancellationToken);
        }

        if (AuthoritySecret.Read(secret, _seen) is not { } ring || !(ring.Active.CanSign || ring.Incoming is not null || wanted != RootOwner.Unchanged))
        {
            await SayAsync(secret, "RootUnusable", $"Secret {AuthoritySecret.Name} holds no usable root (ca.crt with ca.key). Restore it from a backup; or delete it, and a new root is made at once.", EventType.Warning, cancellationToken);
            return _trust is null ? throw new InvalidOperationException($"Secret {options.Namespace}/{AuthoritySecret.Name} holds no usable root") : false;
        }

        if (ring.Active.CanSign) Take(ring);
        if (!gate.IsLeading) return false;
        var asked = AuthoritySecret.RenewalAsked(secret);
        var plan = RootPlanner.Plan(ring, asked, _trust is { } trust && census.IsPublished(trust.RootsPem), census.Proxies(), time.GetUtcNow(), wanted, users);
        return plan.Step switch
        {
            RootStep.Introduce => await WriteAsync(ring with { Incoming = wanted == RootOwner.User ? users! : MakeRoot(), RenewalAsked = asked }, secret, "RootRenewalBegun", $"A new root is being published beside the present one: {plan.Why}.", cancellationToken),
            RootStep.MoveSigning => await WriteAsync(
                ring with { Active = ring.Incoming!, Incoming = null, Outgoing = ring.Active, RetireAt = RootPlanner.RetireAt(time.GetUtcNow(), WorkloadLife) }, secret,
                plan.IsForced ? "RootSigningForced" : "RootSigningMoved", $"The new root signs from now on: {plan.Why}{Names(plan)}.", cancellationToken),
            RootStep.Retire => await WriteAsync(ring with { Outgoing = null, RetireAt = null }, secret, "RootRetired", $"The former root is trusted no longer: {plan.Why}.", cancellationToken),
            RootStep.AwaitTrust => await WaitAsync(secret, plan, cancellationToken),
            _ => false,
        };
    }

    private async Task<bool> WaitAsync(V1Secret secret, RootPlan plan, CancellationToken cancellationToken)
    {
        // Whom it waits for changes by the second in a large mesh.
        if (_waitedAt is { } at && time.GetElapsedTime(at) < TellEvery) return false;
        _waitedAt = time.GetTimestamp();
        if (plan.Laggards.Length > 0) await SayAsync(secret, "RootAwaitsTrust", $"Signing has not moved to the new root: {plan.Why}{Names(plan)}.", EventType.Normal, cancellationToken);
        return false;
    }

    private async Task<bool> WriteAsync(RootRing ring, V1Secret? existing, string reason, string message, CancellationToken cancellationToken)
    {
        V1Secret written;
        try
        {
            var secret = AuthoritySecret.Write(ring, options.Namespace, existing);
            written = existing is null ? await client.CreateAsync(secret, cancellationToken) : await client.UpdateAsync(secret, cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another was first: its word counts.
            return true;
        }

        _waitedAt = null;
        if (ring.Active.CanSign) Take(ring);
        await SayAsync(written, reason, message, EventType.Normal, cancellationToken);
        return true;
    }

    /// <summary>The authority that a user gave, if one did.</summary>
    private async Task<(RootOwner Wanted, RootPair? Users)> UsersAsync(CancellationToken cancellationToken)
    {
        var secret = await client.GetAsync<V1Secret>(UserAuthorityReader.SecretName, options.Namespace, cancellationToken);
        if (secret is null)
        {
            // Its signer is remembered until signing has moved.
            (_usersVersion, _users) = ("", null);
            return (RootOwner.Operator, null);
        }

        if (_users is not null && _usersVersion == secret.Metadata.ResourceVersion) return (RootOwner.User, _users);
        if (UserAuthorityReader.Read(secret, time.GetUtcNow(), out var problem) is { } user)
        {
            (_usersVersion, _users) = (secret.Metadata.ResourceVersion, RootPair.Of(user));
            _seen[_users.Fingerprint] = _users;
            if (UserAuthorityReader.HasRevocationList(secret))
                await events.PublishAsync(secret, "RevocationListIgnored", $"{UserAuthorityReader.RevocationList} has no effect: certificates are not looked up in revocation lists. They live {WorkloadLife.TotalHours:0.##} h; a shorter SECRET_TTL of MeshConfig bounds what a stolen one is good for.", EventType.Warning, cancellationToken);
            return (RootOwner.User, _users);
        }

        if (_usersSaid != secret.Metadata.ResourceVersion)
        {
            _usersSaid = secret.Metadata.ResourceVersion;
            log.LogWarning("Secret {Secret} is not used: {Problem}", UserAuthorityReader.SecretName, problem);
            await events.PublishAsync(secret, "AuthorityUnusable", $"This authority is not used, and the present one goes on: {problem}.", EventType.Warning, cancellationToken);
        }

        return (RootOwner.Unchanged, _users);
    }

    /// <summary>Puts the roots in force, and renews the operator's own certificate where it is due.</summary>
    private void Take(RootRing ring)
    {
        var (known, id, now) = (_trust, Id, time.GetUtcNow());
        var authority = ring.Active.Signer();
        var sameRoots = known is not null && known.RootsPem == ring.TrustedPem && known.Authority.Certificate.RawDataMemory.Span.SequenceEqual(authority.Certificate.RawDataMemory.Span);
        var halfLife = (known?.Own.NotAfter - known?.Own.NotBefore) / 2 ?? TimeSpan.Zero;
        if (sameRoots && known!.Id == id && known.Own.NotAfter.ToUniversalTime() - now.UtcDateTime > halfLife)
        {
            if (known.Ring != ring) _trust = known with { Ring = ring };
            return;
        }

        if (sameRoots) authority = known!.Authority;
        var own = MakeOwn(authority, id, now);
        var trust = new Trust
        {
            Ring = ring,
            Roots = Certificates(ring.TrustedPem),
            RootsPem = ring.TrustedPem,
            Authority = authority,
            Id = id,
            Own = own,
            OwnContext = SslStreamCertificateContext.Create(own, authority.Intermediates, offline: true),
        };
        _trust = trust;
        state.Apply(snapshot => snapshot.PutRoots(ring.Active.Fingerprint));
        _first.TrySetResult(trust);
        if (!sameRoots) log.LogInformation("Roots of the mesh: {Fingerprint} signs until {Until:u}, {Count} trusted", ring.Active.Fingerprint[..16], ring.Active.NotAfter, trust.Roots.Count);
        OperatorMetrics.Show(trust, time);
        // mesh-root has to follow.
        changes.Signal();
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found;
    }

    private static X509Certificate2 MakeOwn(SigningAuthority authority, SpiffeId id, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = CertificateIssuer.Issue(authority, new PublicKey(key), id, now, OwnLife, RandomNumberGenerator.GetBytes(CertificateIssuer.SerialLength));
        return bare.CopyWithPrivateKey(key);
    }

    private RootPair MakeRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return RootPair.Make(key, RandomNumberGenerator.GetBytes(CertificateIssuer.SerialLength), state.Current.Settings.TrustDomain, time.GetUtcNow(), options.RootLife);
    }

    private async Task SayAsync(V1Secret about, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        if (_said == reason + message) return;
        _said = reason + message;
        log.Log(type == EventType.Warning ? LogLevel.Warning : LogLevel.Information, "{Reason}: {Message}", reason, message);
        await events.PublishAsync(about, reason, message, type, cancellationToken);
    }

    private static string Names(RootPlan plan) => plan.Laggards.Length == 0 ? "" :
        $" ({string.Join(", ", plan.Laggards.Take(10))}{(plan.Laggards.Length > 10 ? $" and {plan.Laggards.Length - 10} more" : "")})";
}
