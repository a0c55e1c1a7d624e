using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>Ends the process when the API server's store was put back. Every mirror notices by itself; it is said once.</summary>
public sealed class StoreRollback(IHostApplicationLifetime lifetime, ILogger<StoreRollback> log)
{
    private int _told;

    /// <summary>What this process remembers is not to be acted on any more.</summary>
    public bool HasHappened => Volatile.Read(ref _told) != 0;

    public void Tell(RolledBackException what)
    {
        if (Interlocked.Exchange(ref _told, 1) != 0) return;
        log.LogCritical("{What}", what.Message);
        lifetime.StopApplication();
    }
}
