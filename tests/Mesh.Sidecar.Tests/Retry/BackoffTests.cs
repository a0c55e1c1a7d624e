using Mesh.Sidecar.Filters;

namespace Mesh.Sidecar.Tests.Retry;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 25)]
    [InlineData(2, 75)]
    [InlineData(3, 175)]
    [InlineData(4, 250)] // capped
    [InlineData(40, 250)]
    [InlineData(int.MaxValue, 250)]
    public void Retry_N_waits_anything_below_its_bound(int retry, double boundMilliseconds)
    {
        var random = new Random(9);
        var waits = Enumerable.Range(0, 20_000).Select(_ => Backoff.Default.Before(retry, random).TotalMilliseconds).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, 0, boundMilliseconds));
        // Full jitter: spread evenly over the whole range.
        Assert.InRange(waits.Average(), boundMilliseconds * 0.48, boundMilliseconds * 0.52);
        Assert.True(waits.Min() < boundMilliseconds * 0.01);
        Assert.True(waits.Max() > boundMilliseconds * 0.99);
    }
}
