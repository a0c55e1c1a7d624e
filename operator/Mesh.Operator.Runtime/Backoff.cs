namespace Mesh.Operator.Runtime;

/// <summary>Exponential delays with full jitter between half and the whole of the step, so that many never come back at once.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>The delay before the next try.</summary>
    public TimeSpan Next() => Delay(_failures++);

    public void Reset() => _failures = 0;

    public TimeSpan Delay(int failures)
    {
        var step = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(step * (0.5 + (random.NextDouble() / 2)));
    }
}
