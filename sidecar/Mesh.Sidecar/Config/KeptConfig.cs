using System.IO.Compression;
using System.Text.Json;
using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>
/// Keeps the config in force in the sidecar's own directory, so that a container that is started again begins with the newest,
/// whether or not the operator is there and however far the mount is behind. Written off the push's way, at most once a second.
/// </summary>
public sealed class KeptConfig(string directory, TimeProvider time, ILogger<KeptConfig> log)
{
    /// <summary>Name of the file: a whole document, gzip.</summary>
    public const string FileName = "config.json.gz";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Doorbell news = new();
    private readonly Lock taking = new();
    private readonly string path = Path.Combine(directory, FileName);
    private Manifest? newest;
    private List<ReadOnlyMemory<byte>> pending = [];

    /// <summary>Offers what was kept to the loader.</summary>
    public void LoadInto(ConfigLoader loader)
    {
        if (PrivateFile.Read(path) is { } kept) loader.Load(kept, ConfigSource.Kept);
        loader.Taken += Keep;
    }

    /// <summary>Writes what was taken, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await news.WaitAsync(cancellation).ConfigureAwait(false);
                Write();
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Write(); // what came since the last time
        }
    }

    private void Keep(Manifest manifest, ReadOnlyMemory<byte> document)
    {
        lock (taking)
        {
            newest = manifest;
            pending.Add(document);
        }

        news.Ring();
    }

    private void Write()
    {
        Manifest? manifest;
        List<ReadOnlyMemory<byte>> documents;
        lock (taking)
        {
            if (pending.Count == 0) return;
            (manifest, documents, pending) = (newest, pending, []);
        }

        try
        {
            documents.Reverse();
            if (PrivateFile.Read(path) is { } kept) documents.Add(kept);
            if (ConfigDocument.Complete(manifest!, documents) is { } whole) PrivateFile.Write(path, Fold(whole));
            else log.LogWarning("Config revision {Revision} cannot be kept for a restart: not all of its sections were", manifest!.Revision);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            log.LogWarning("Config revision {Revision} cannot be kept in {Path} for a restart: {Error}", manifest!.Revision, path, failure.Message);
        }
    }

    private static byte[] Fold(byte[] document)
    {
        using var folded = new MemoryStream();
        using (var gzip = new GZipStream(folded, CompressionLevel.Fastest)) gzip.Write(document);
        return folded.ToArray();
    }
}
