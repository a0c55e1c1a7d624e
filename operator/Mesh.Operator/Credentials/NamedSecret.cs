using System.Net;
using k8s.Models;
using Mesh.Operator.Core.Credentials;

namespace Mesh.Operator.Credentials;

/// <summary>
/// One Secret, followed by its name: list and watch with a field selector is all that a right by name allows, so the operator
/// needs none to the Secrets beside it. Where it may not even do this it asks again, so that a right given later is noticed.
/// </summary>
internal sealed class NamedSecret : IDisposable
{
    // To renew a Secret by deleting and creating it is common; who uses it shall not notice.
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended;
    private readonly Action _changed;
    private readonly TimeProvider _time;
    private readonly Reflector<V1Secret> _reflector;
    private SecretView _view = SecretView.Unread;
    private ITimer? _gone;

    public NamedSecret(KubernetesApi api, EntityKey key, Action changed, TimeProvider time, Random random, ILogger log, CancellationToken cancellationToken)
    {
        (_changed, _time) = (changed, time);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scope = new WatchScope { Namespace = key.Namespace, FieldSelector = $"metadata.name={key.Name}" };
        _reflector = new Reflector<V1Secret>(api, scope, seen => Take(seen.Current), time, random, log) { OnListed = Listed, OnFailure = Failed };
        _ = Task.Run(() => _reflector.RunAsync(_ended.Token), CancellationToken.None);
    }

    public SecretView View
    {
        get
        {
            lock (_lock) return _view;
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
        lock (_lock) _gone?.Dispose();
    }

    private void Take(V1Secret? secret)
    {
        if (secret is not null)
        {
            Put(SecretView.Of(secret));
            return;
        }

        lock (_lock) _gone ??= _time.CreateTimer(_ => Put(SecretView.Absent), null, Gap, Timeout.InfiniteTimeSpan);
    }

    private void Listed()
    {
        if (_reflector.Objects.Count > 0)
        {
            // What was forbidden meanwhile is not told as an event: it did not change.
            foreach (var secret in _reflector.Objects.Values) Put(SecretView.Of(secret));
        }
        else if (View.Secret is null)
        {
            Put(SecretView.Absent);
        }
    }

    // Any other failure says nothing of the Secret: what was known of it holds.
    private bool Failed(Exception failure)
    {
        if (failure is not ApiException { Code: HttpStatusCode.Forbidden }) return false;
        Put(SecretView.Forbidden);
        return true;
    }

    private void Put(SecretView view)
    {
        lock (_lock)
        {
            if (_ended.IsCancellationRequested) return;
            _gone?.Dispose();
            _gone = null;
            if (ReferenceEquals(_view, view) || (_view.Secret is { } known && view.Secret?.Metadata.Uid == known.Metadata.Uid && view.Secret.Metadata.ResourceVersion == known.Metadata.ResourceVersion)) return;
            _view = view;
        }

        _changed();
    }
}
