namespace Mesh.Sidecar.Config;

/// <summary>
/// Looks at a mounted directory again whenever it changed. A kubelet swaps the whole directory by renaming the symbolic link
/// <c>..data</c>, which inotify tells at once; a slow poll is the net below it.
/// </summary>
public sealed class DirectoryWatch(string directory, TimeProvider clock, ILogger log) : IDisposable
{
    /// <summary>How often it is looked at when no event comes.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly Doorbell events = new();
    private FileSystemWatcher? watcher;

    /// <summary>The directory.</summary>
    public string Directory { get; } = directory;

    /// <summary>Looks at what is there, then at every change, until cancelled.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> look, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                // Watch before looking: a change in between is then an event and not lost.
                Watch();
                try
                {
                    await look(cancellation).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The one place of this loop: whatever one look brought, the next one is made.
                    log.LogError(failure, "What is in {Directory} could not be taken in; what is in force stays", Directory);
                }

                await events.WaitAsync(PollInterval, clock, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    /// <summary>A file of the directory; <c>null</c> when it is not there.</summary>
    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(Path.Combine(Directory, name), cancellation).ConfigureAwait(false);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => watcher?.Dispose();

    private void Watch()
    {
        if (watcher is not null || !System.IO.Directory.Exists(Directory)) return;
        var fresh = new FileSystemWatcher(Directory)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        fresh.Created += (_, _) => events.Ring();
        fresh.Changed += (_, _) => events.Ring();
        fresh.Renamed += (_, _) => events.Ring();
        fresh.Deleted += (_, _) => events.Ring();
        fresh.Error += (_, _) =>
        {
            // Events were lost, or the directory is gone: watch anew.
            Interlocked.Exchange(ref watcher, null)?.Dispose();
            events.Ring();
        };
        try
        {
            fresh.EnableRaisingEvents = true;
            watcher = fresh;
        }
        catch (IOException failure)
        {
            // Out of inotify watches: the poll carries on alone.
            fresh.Dispose();
            log.LogWarning(failure, "{Directory} cannot be watched; it is looked at every {Interval}", Directory, PollInterval);
        }
    }
}
