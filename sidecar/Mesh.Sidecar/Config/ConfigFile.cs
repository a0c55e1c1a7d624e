using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>Hands each new content of the mounted config to the loader.</summary>
public sealed class ConfigFile(string directory, ConfigLoader loader, TimeProvider clock, ILogger<ConfigFile> log) : IDisposable
{
    private readonly DirectoryWatch watch = new(directory, clock, log);
    private byte[]? seen;
    private bool heldBack;
    private bool waitingWasTold;

    /// <summary>Loads what is there, then every change, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => watch.RunAsync(ReadAsync, cancellation);

    /// <inheritdoc/>
    public void Dispose() => watch.Dispose();

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var bytes = await watch.ReadAsync(WellKnown.ConfigFile, cancellation).ConfigureAwait(false)
            ?? await watch.ReadAsync(WellKnown.CompressedConfigFile, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            if (seen is null && !waitingWasTold) log.LogInformation("Waiting for a first config in {Directory}", directory);
            waitingWasTold = true;
            return;
        }

        // A file that a session held back has its turn once there is none.
        var again = heldBack && !loader.PushesHavePrecedence;
        if (!again && seen is not null && bytes.AsSpan().SequenceEqual(seen)) return;
        seen = bytes;
        heldBack = loader.Load(bytes) == LoadOutcome.HeldBack;
    }
}
