using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator;

/// <summary>The one place where the present snapshot stands. Controllers put events in; <see cref="MeshLoop"/> takes it whole.</summary>
public sealed class MeshState(Debounce changes)
{
    private readonly Lock _lock = new();
    private MeshSnapshot _current = MeshSnapshot.Empty;

    public MeshSnapshot Current
    {
        get
        {
            lock (_lock) return _current;
        }
    }

    /// <summary>Goes from one snapshot to the next; an event that changes nothing wakes nobody.</summary>
    public void Apply(Func<MeshSnapshot, MeshSnapshot> change, bool urgent = false)
    {
        lock (_lock)
        {
            var next = change(_current);
            if (ReferenceEquals(next, _current)) return;
            _current = next;
        }

        changes.Signal(urgent);
    }
}
