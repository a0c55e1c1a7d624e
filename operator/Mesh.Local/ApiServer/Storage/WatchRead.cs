namespace Mesh.Local.ApiServer.Storage;

/// <summary>What a watcher found: events, the revision it has now come to, and what to wait for next.</summary>
internal sealed record WatchRead(IReadOnlyList<StoreEvent> Events, long Revision, Task Changed)
{
    /// <summary>The window has moved past the watcher's revision.</summary>
    public static WatchRead TooOld { get; } = new([], -1, Task.CompletedTask);

    /// <summary>The resource itself is gone.</summary>
    public static WatchRead Ended { get; } = new([], -2, Task.CompletedTask);
}
