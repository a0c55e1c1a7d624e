using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Tests.Routing;

public sealed class WeightedChoiceTests
{
    private const int Draws = 100_000;

    [Theory]
    [InlineData(90, 10)]
    [InlineData(50, 50)]
    [InlineData(1, 2)] // the sum need not be 100
    [InlineData(1, 999)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void A_share_is_weight_by_sum(int first, int second)
    {
        var share = first / ((double)first + second);
        var drawn = Count([first, second])[0] / (double)Draws;

        // Four standard deviations: one run in 16,000 would fail, and the seed is fixed.
        Assert.InRange(drawn, share - (4 * Math.Sqrt(share * (1 - share) / Draws)), share + (4 * Math.Sqrt(share * (1 - share) / Draws)));
    }

    [Fact]
    public void Weight_zero_among_several_is_never_drawn()
    {
        var counts = Count([0, 5, 0, 5, 0]);
        Assert.Equal([0, 0, 0], new[] { counts[0], counts[2], counts[4] });
        Assert.Equal(Draws, counts[1] + counts[3]);
    }

    [Fact]
    public void One_alone_gets_all_whatever_its_weight()
    {
        Assert.Equal(Draws, Count([0])[0]);
    }

    [Fact]
    public void Nothing_to_draw_from_draws_nothing()
    {
        Assert.Null(new WeightedChoice<string>([], _ => 1).Draw(new Random(1)));
        Assert.Null(new WeightedChoice<string>(["a", "b"], _ => 0).Draw(new Random(1)));
    }

    private static int[] Count(int[] weights)
    {
        var items = weights.Select((weight, index) => new Item(index, weight)).ToArray();
        var choice = new WeightedChoice<Item>(items, item => item.Weight);
        var random = new Random(42);
        var counts = new int[weights.Length];
        for (var i = 0; i < Draws; i++) counts[choice.Draw(random)!.Index]++;
        return counts;
    }

    private sealed record Item(int Index, int Weight);
}
