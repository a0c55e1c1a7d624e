using Mesh.Local.Faults;

namespace Mesh.Local.Tests.Faults;

public sealed class FaultRulesTests
{
    private static readonly FaultLink Delay = new(3, Fault("delay") with { DelayMilliseconds = 200, JitterMilliseconds = 50 }, ["10.0.0.1", "fd00::1"], ["10.0.1.0/24"]);
    private static readonly FaultLink Loss = new(4, Fault("loss") with { LossPercent = 12.5 }, null, ["10.0.0.2"]);

    [Fact]
    public void With_netem_a_delay_is_a_class_of_the_bridge()
    {
        Assert.Contains("-A MESH-FAULT-3-DO -j CLASSIFY --set-class 1:3\n", FaultRules.Table([Delay], false, true));
        Assert.Contains("qdisc add dev mesh0 parent 1:3 netem limit 100000 delay 200000us 50000us\n", FaultRules.Classes([Delay], true));
        Assert.Empty(FaultRules.Held([Delay], true));
    }

    [Fact]
    public void Without_netem_a_delay_is_held_by_this_process()
    {
        Assert.Contains("-A MESH-FAULT-3-DO -j NFQUEUE --queue-num 3 --queue-bypass\n", FaultRules.Table([Delay], false, false));
        Assert.Equal("", FaultRules.Classes([Delay], false));
        Assert.Equal([Delay], FaultRules.Held([Delay], false));
    }

    [Fact]
    public void What_drops_comes_before_what_shapes()
    {
        var table = FaultRules.Table([Delay, Loss], false, true);
        Assert.True(table.IndexOf("-A MESH-FAULTS -j MESH-FAULT-4\n", StringComparison.Ordinal) < table.IndexOf("-A MESH-FAULTS -s 10.0.0.1 -j MESH-FAULT-3\n", StringComparison.Ordinal));
        Assert.Contains("--probability 0.12500000 -j DROP", table);
    }

    [Fact]
    public void Each_family_has_the_addresses_of_its_own()
    {
        Assert.DoesNotContain("fd00::1", FaultRules.Table([Delay], false, true));
        var six = FaultRules.Table([Delay], true, true);
        Assert.Contains("-A MESH-FAULTS -s fd00::1 -j MESH-FAULT-3\n", six);
        Assert.DoesNotContain("10.0", six);
    }

    [Theory]
    [InlineData("200ms", 200.0)]
    [InlineData("1.5s", 1500.0)]
    [InlineData("500us", 0.5)]
    [InlineData("200", null)]
    [InlineData("-1s", null)]
    [InlineData("0ms", null)]
    public void Times_are_read_with_their_unit(string text, double? milliseconds) => Assert.Equal(milliseconds, FaultAmounts.Time(text));

    [Theory]
    [InlineData("1mbit", 1_000_000L)]
    [InlineData("500kbit", 500_000L)]
    [InlineData("8000bit", 8_000L)]
    [InlineData("1mb", null)]
    public void Rates_are_read_with_their_unit(string text, long? bits) => Assert.Equal(bits, FaultAmounts.Rate(text));

    [Fact]
    public void A_fault_that_does_nothing_or_too_much_is_refused()
    {
        Assert.NotNull(Fault("none").Problem());
        Assert.NotNull((Fault("loss") with { LossPercent = 101 }).Problem());
        Assert.NotNull((Fault("delay") with { DelayMilliseconds = 10, JitterMilliseconds = 20 }).Problem());
        Assert.Null((Fault("cut") with { Cut = true }).Problem());
    }

    private static Fault Fault(string name) => new() { Name = name, From = "a", To = "b", Namespace = "default" };
}
