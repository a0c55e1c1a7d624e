using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Says once that the API server does not answer, and once that it does again. All that watch and write notice by themselves
/// and try again; what each of them could say is the same.
/// </summary>
public sealed class ServerReach(TimeProvider time, ILogger<ServerReach> log)
{
    /// <summary>A connection that is cut and comes back is no news.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _failingSince;
    private bool _told;

    /// <summary>A request found nobody; nothing has answered since the first of a row.</summary>
    public void Failed(string why)
    {
        lock (_lock)
        {
            _failingSince ??= time.GetTimestamp();
            if (_told || time.GetElapsedTime(_failingSince.Value) < Patience) return;
            _told = true;
        }

        log.LogWarning("The API server does not answer: {Why}. Everything is tried again until it does; sidecars go on by what they hold", why);
    }

    public void Answered()
    {
        TimeSpan away;
        lock (_lock)
        {
            if (_failingSince is not { } since) return;
            away = time.GetElapsedTime(since);
            _failingSince = null;
            if (!_told) return;
            _told = false;
        }

        log.LogInformation("The API server answers again, after {Seconds:0} s", away.TotalSeconds);
    }
}
