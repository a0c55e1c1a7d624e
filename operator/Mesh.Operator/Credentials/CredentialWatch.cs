using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Credentials;

// What enters: the names of Secrets that rules name. What leaves: what is known of each, into the snapshot (hashes and problems),
// and composed Secrets, one for each workload whose config needs any. What never happens here: a list of Secrets, one that no
// rule names, or key material anywhere but in the memory of the leader and in the Secret that it writes.

/// <summary>Follows the Secrets that rules name, and those of CA certificates beside them, while this process leads.</summary>
public sealed class CredentialWatch(KubernetesApi api, MeshState state, OperatorOptions options, TimeProvider time, Random random, ILogger<CredentialWatch> log)
{
    /// <summary>A leader that knows nothing yet waits this long before it plans without.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Timers cannot wait for years.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    private readonly CredentialRights _rights = new($"{options.Namespace}:{OperatorOptions.ServiceName}");
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Followed> _followed = [];

    /// <summary>Follows these and no others.</summary>
    public void Publish(IReadOnlySet<ObjectKey> names, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (key, followed) in _followed.Where(pair => !names.Contains(pair.Key)).ToList())
            {
                _followed.Remove(key);
                followed.Dispose();
                state.Apply(snapshot => snapshot with { Credentials = snapshot.Credentials.Remove(key) });
            }

            foreach (var key in names)
                if (!_followed.ContainsKey(key)) _followed.Add(key, Follow(key, cancellationToken));
        }
    }

    /// <summary>Follows these, and returns when each was read or found unreadable, at the latest after a while: what is handed over stays meanwhile.</summary>
    public async Task ReadAsync(IReadOnlySet<ObjectKey> names, CancellationToken cancellationToken)
    {
        Publish(names, cancellationToken);
        Task all;
        lock (_lock) all = Task.WhenAll(_followed.Values.Select(followed => followed.Read.Task));
        try
        {
            await all.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            log.LogWarning("Not all Secrets that rules name could be read in time; what was handed over stays");
        }
    }

    public void Stop() => Publish(new HashSet<ObjectKey>(), CancellationToken.None);

    /// <summary>The file of this hash; null where it is not at hand any more.</summary>
    public string? FileOf(string space, string file, string sha256)
    {
        var name = file.EndsWith(Config.CredentialRef.TrustOnly, StringComparison.Ordinal) ? file[..^Config.CredentialRef.TrustOnly.Length] : file;
        lock (_lock)
        {
            if (!_followed.TryGetValue(new ObjectKey(space, name), out var followed) || followed.Credential is not { } read) return null;
            return (file == name ? read.Facts.Pair : read.Facts.Trust).Sha256 == sha256 ? read.Files.GetValueOrDefault(file) : null;
        }
    }

    private Followed Follow(ObjectKey key, CancellationToken cancellationToken)
    {
        var followed = new Followed();
        followed.Own = Named(key.Name);
        followed.Trust = Named(key.Name + CredentialReader.TrustSuffix);
        return followed;

        NamedSecret Named(string name) => new(api, new EntityKey(key.Namespace, name), () => Judge(key), time, random, log, cancellationToken);
    }

    private void Judge(ObjectKey key)
    {
        lock (_lock)
        {
            // The first of the two may answer before the second is followed.
            if (!_followed.TryGetValue(key, out var followed) || followed.Own is not { } own || followed.Trust is not { } trust) return;
            var now = time.GetUtcNow();
            if (CredentialReader.Read(key, own.View, trust.View, _rights, now) is not { } read) return;
            followed.Timer?.Dispose();
            var rest = read.Until - now;
            followed.Timer = rest is { } wait ? time.CreateTimer(_ => Judge(key), null, wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan) : null;
            followed.Credential = read;
            state.Apply(snapshot => snapshot.Credentials.TryGetValue(key, out var known) && known == read.Facts ? snapshot : snapshot with { Credentials = snapshot.Credentials.SetItem(key, read.Facts) });
            followed.Read.TrySetResult();
        }
    }

    private sealed class Followed : IDisposable
    {
        public NamedSecret? Own { get; set; }

        public NamedSecret? Trust { get; set; }

        public ReadCredential? Credential { get; set; }

        public ITimer? Timer { get; set; }

        public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            Own?.Dispose();
            Trust?.Dispose();
            Timer?.Dispose();
            Read.TrySetCanceled();
        }
    }
}
