namespace Mesh.Bookinfo;

/// <summary>Which versions answered the last requests, so that the page shows where traffic goes now.</summary>
public sealed class RecentAnswers(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<string> _versions = new();

    /// <summary>Remembers one answer: a version, or what went wrong.</summary>
    public void Add(string version)
    {
        lock (_lock)
        {
            _versions.Enqueue(version);
            while (_versions.Count > capacity) _versions.Dequeue();
        }
    }

    /// <summary>Versions and how often each answered, by name.</summary>
    public IReadOnlyList<(string Version, int Count)> Counts()
    {
        lock (_lock)
            return [.. _versions.GroupBy(version => version).Select(group => (group.Key, group.Count())).OrderBy(pair => pair.Key, StringComparer.Ordinal)];
    }
}
