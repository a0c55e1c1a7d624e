using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Operator.Reports;

// The way back: each sidecar's own word about what it holds comes here, over its session or by one long poll a pod,
// and is kept. What never
// happens here: waiting for one sidecar on behalf of another, or a judgement about what a report means.

/// <summary>The last word of every sidecar, by pod uid.</summary>
public sealed class ReportBook(Debounce changes)
{
    private ImmutableDictionary<string, ReportEntry> _entries = ImmutableDictionary<string, ReportEntry>.Empty;

    public ImmutableDictionary<string, ReportEntry> Current => Volatile.Read(ref _entries);

    public void Heard(string podUid, ProxyReport report)
    {
        ImmutableInterlocked.AddOrUpdate(ref _entries, podUid, _ => new ReportEntry { Report = report }, (_, _) => new ReportEntry { Report = report });
        changes.Signal(aside: true);
    }

    /// <summary>No answer; only the first of a row is news.</summary>
    public void Silent(string podUid, DateTimeOffset now, string why)
    {
        var known = Current.GetValueOrDefault(podUid);
        if (known?.SilentSince is not null) return;
        ImmutableInterlocked.AddOrUpdate(
            ref _entries, podUid, _ => new ReportEntry { SilentSince = now, Why = why }, (_, entry) => entry with { SilentSince = now, Why = why });
        changes.Signal(aside: true);
    }

    public void Forget(string podUid)
    {
        if (ImmutableInterlocked.TryRemove(ref _entries, podUid, out _)) changes.Signal(aside: true);
    }
}
