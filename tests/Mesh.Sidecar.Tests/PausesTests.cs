namespace Mesh.Sidecar.Tests;

public sealed class PausesTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 8)]
    [InlineData(5, 30)]
    [InlineData(1000, 30)]
    public void Each_attempt_waits_twice_as_long_up_to_half_a_minute_and_half_of_it_is_chance(int attempt, int seconds)
    {
        var random = new Random(7);
        var waits = Enumerable.Range(0, 500).Select(_ => Pauses.After(attempt, random).TotalSeconds).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, seconds * 0.5, seconds * 1.5));
        Assert.True(waits.Max() - waits.Min() > seconds * 0.9);
    }
}
