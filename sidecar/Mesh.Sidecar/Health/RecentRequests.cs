namespace Mesh.Sidecar.Health;

/// <summary>
/// How many requests of a cluster ended within the last while, in tenths of it: a request counts for the whole of the time and
/// up to a tenth longer. Only clusters whose retry budget asks for it come here.
/// </summary>
public sealed class RecentRequests
{
    private const int Tenths = 10;

    private readonly Lock gate = new();
    private readonly int[] ended = new int[Tenths + 1]; // the tenth that runs, and the ten before
    private long tenth;
    private long current;

    /// <summary>A request ended.</summary>
    public void Add(TimeSpan interval, TimeProvider time)
    {
        lock (gate)
        {
            Turn(interval, time);
            ended[current % ended.Length]++;
        }
    }

    /// <summary>How many ended within this time.</summary>
    public int Within(TimeSpan interval, TimeProvider time)
    {
        lock (gate)
        {
            Turn(interval, time);
            return ended.Sum();
        }
    }

    // Forgets what is over. Another interval than before is another measure: counting begins anew.
    private void Turn(TimeSpan interval, TimeProvider time)
    {
        var length = Math.Max(interval.Ticks / Tenths, 1);
        var now = time.GetElapsedTime(0).Ticks / length;
        if (length != tenth || now - current >= ended.Length) Array.Clear(ended);
        else
        {
            for (var passed = current + 1; passed <= now; passed++) ended[passed % ended.Length] = 0;
        }

        (tenth, current) = (length, now);
    }
}
