using System.Threading.Channels;
using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>
/// Watches the mounted directory and hands each new content to the loader. A kubelet swaps the whole directory by renaming
/// the symbolic link <c>..data</c>, which inotify tells at once; a slow poll is the net below it.
/// </summary>
public sealed class ConfigFile(string directory, ConfigLoader loader, TimeProvider clock, ILogger<ConfigFile> log) : IDisposable
{
    /// <summary>How often the file is looked at when no event comes.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> events = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private FileSystemWatcher? watcher;
    private byte[]? seen;
    private bool waitingWasTold;

    /// <summary>Loads what is there, then every change, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            // Watch before reading: a change in between is then an event and not lost.
            Watch();
            try
            {
                await ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The one place of this loop: whatever one look brought, the next one is made.
                log.LogError(failure, "The config in {Directory} could not be loaded; what is in force stays", directory);
            }

            await NextLookAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => watcher?.Dispose();

    private void Watch()
    {
        if (watcher is not null || !Directory.Exists(directory)) return;
        var fresh = new FileSystemWatcher(directory)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        fresh.Created += (_, _) => events.Writer.TryWrite(true);
        fresh.Changed += (_, _) => events.Writer.TryWrite(true);
        fresh.Renamed += (_, _) => events.Writer.TryWrite(true);
        fresh.Deleted += (_, _) => events.Writer.TryWrite(true);
        fresh.Error += (_, _) =>
        {
            // Events were lost, or the directory is gone: watch anew.
            Interlocked.Exchange(ref watcher, null)?.Dispose();
            events.Writer.TryWrite(true);
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
            log.LogWarning(failure, "{Directory} cannot be watched; it is looked at every {Interval}", directory, PollInterval);
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var bytes = await ReadFileAsync(WellKnown.ConfigFile, cancellation).ConfigureAwait(false)
            ?? await ReadFileAsync(WellKnown.CompressedConfigFile, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            if (seen is null && !waitingWasTold) log.LogInformation("Waiting for a first config in {Directory}", directory);
            waitingWasTold = true;
            return;
        }

        if (seen is not null && bytes.AsSpan().SequenceEqual(seen)) return;
        seen = bytes;
        loader.Load(bytes);
    }

    private async Task<byte[]?> ReadFileAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(Path.Combine(directory, name), cancellation).ConfigureAwait(false);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task NextLookAsync(CancellationToken cancellation)
    {
        using var poll = new CancellationTokenSource(PollInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellation);
        try
        {
            await events.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or to stop.
        }
    }
}
