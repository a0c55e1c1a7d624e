namespace Mesh.Operator.Sinks;

/// <summary>So many writes a second, and as many at once after a quiet second. Waiters go in the order they came.</summary>
public sealed class WriteBudget(TimeProvider time, int perSecond) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private double _tokens = perSecond;
    private long _filledAt = time.GetTimestamp();

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Fill();
            if (_tokens < 1)
            {
                await Task.Delay(TimeSpan.FromSeconds((1 - _tokens) / perSecond), time, cancellationToken);
                Fill();
            }

            _tokens--;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Fill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(perSecond, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
        _filledAt = now;
    }
}
