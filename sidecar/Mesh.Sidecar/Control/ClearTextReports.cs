using Mesh.Sidecar.Config;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Control;

/// <summary>Puts who speaks clear text into the report: a new client at once, mere counts now and then.</summary>
internal sealed class ClearTextReports(ClearTextClients clients, ProxyState state, TimeProvider time)
{
    /// <summary>How often counts are told.</summary>
    public static readonly TimeSpan CountsEvery = TimeSpan.FromSeconds(10);

    // A whole cluster may call at once for the first time.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var news = new Doorbell();
        clients.Added += news.Ring;
        try
        {
            while (true)
            {
                await news.WaitAsync(CountsEvery, time, cancellation).ConfigureAwait(false);
                var current = clients.Current;
                state.Tell(report => report.ClearTextClients.SequenceEqual(current) ? report : report with { ClearTextClients = current });
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
        finally
        {
            clients.Added -= news.Ring;
        }
    }
}
