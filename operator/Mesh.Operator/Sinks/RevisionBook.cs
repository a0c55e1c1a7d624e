using System.Collections.Concurrent;
using Mesh.Operator.Reports;

namespace Mesh.Operator.Sinks;

/// <summary>
/// Which number the config of a pod carries. A number never comes back with another content: it is higher than any that is
/// known with another one, from the record, from the sidecar's own word, or from here. The same content keeps its number, so
/// that record and push of one plan carry the same.
/// </summary>
public sealed class RevisionBook(ReportBook reports)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    /// <summary>A record as the cluster has it: a former leader numbered it, or we did.</summary>
    public void Recorded(string podUid, long revision, string hash)
    {
        if (podUid.Length == 0) return;
        var entry = _entries.GetOrAdd(podUid, _ => new Entry());
        lock (entry) entry.Recorded = new Numbered(revision, hash);
    }

    /// <summary>The number for this content.</summary>
    public long Assign(string podUid, string hash) => Assign(podUid, hash, anew: false);

    /// <summary>A higher number for the same content: where what stood under the last one was not ours.</summary>
    public long AssignAnew(string podUid, string hash) => Assign(podUid, hash, anew: true);

    public void Forget(string podUid) => _entries.TryRemove(podUid, out _);

    private long Assign(string podUid, string hash, bool anew)
    {
        var entry = _entries.GetOrAdd(podUid, _ => new Entry());
        var report = reports.Current.GetValueOrDefault(podUid)?.Report;
        lock (entry)
        {
            Numbered[] known =
            [
                entry.Assigned, entry.Recorded, new(report?.Revision ?? 0, report?.Hash ?? ""),
                new(report?.Refused?.Revision ?? 0, report?.Refused?.Hash ?? ""),
            ];
            var same = known.Where(one => one.Hash == hash).Select(one => one.Revision).DefaultIfEmpty(0).Max();
            var others = known.Where(one => one.Hash != hash).Select(one => one.Revision).DefaultIfEmpty(0).Max();
            var revision = anew || same <= others ? Math.Max(same, others) + 1 : same;
            entry.Assigned = new Numbered(revision, hash);
            return revision;
        }
    }

    private readonly record struct Numbered(long Revision, string Hash);

    private sealed class Entry
    {
        public Numbered Assigned { get; set; } = new(0, "");

        public Numbered Recorded { get; set; } = new(0, "");
    }
}
