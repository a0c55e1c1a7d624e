using Mesh.Config;
using Mesh.Sidecar.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Connections;

public sealed class InboundModesTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly InboundModes modes;

    public InboundModesTests() => modes = new InboundModes(clock);

    [Theory]
    [InlineData(MutualTlsMode.Disable, MutualTlsMode.Strict)]
    [InlineData(MutualTlsMode.Strict, MutualTlsMode.Disable)]
    [InlineData(MutualTlsMode.Permissive, MutualTlsMode.Disable)]
    public void A_port_that_leaves_or_enters_DISABLE_takes_both_for_a_moment(MutualTlsMode before, MutualTlsMode after)
    {
        modes.OnSwapped(With(before));
        var snapshot = With(after);
        modes.OnSwapped(snapshot);
        Assert.Equal(MutualTlsMode.Permissive, modes.ModeOf(snapshot, 80));

        clock.Advance(InboundModes.Overlap);
        Assert.Equal(after, modes.ModeOf(snapshot, 80));
    }

    [Theory]
    [InlineData(MutualTlsMode.Permissive, MutualTlsMode.Strict)]
    [InlineData(MutualTlsMode.Strict, MutualTlsMode.Permissive)]
    public void Between_STRICT_and_PERMISSIVE_there_is_nothing_to_wait_for(MutualTlsMode before, MutualTlsMode after)
    {
        modes.OnSwapped(With(before));
        var snapshot = With(after);
        modes.OnSwapped(snapshot);

        Assert.Equal(after, modes.ModeOf(snapshot, 80));
    }

    [Fact]
    public void Other_ports_and_later_configs_do_not_disturb()
    {
        modes.OnSwapped(With(MutualTlsMode.Strict));
        modes.OnSwapped(With(MutualTlsMode.Strict, new PortMutualTls(80, MutualTlsMode.Disable)));
        var snapshot = With(MutualTlsMode.Strict, new PortMutualTls(80, MutualTlsMode.Disable));
        modes.OnSwapped(snapshot);

        Assert.Equal(MutualTlsMode.Permissive, modes.ModeOf(snapshot, 80));
        Assert.Equal(MutualTlsMode.Strict, modes.ModeOf(snapshot, 81));
        clock.Advance(InboundModes.Overlap);
        Assert.Equal(MutualTlsMode.Disable, modes.ModeOf(snapshot, 80));
    }

    [Fact]
    public void The_first_config_is_in_force_at_once()
    {
        var snapshot = With(MutualTlsMode.Strict);
        modes.OnSwapped(snapshot);

        Assert.Equal(MutualTlsMode.Strict, modes.ModeOf(snapshot, 80));
    }

    private static Mesh.Sidecar.Config.ProxySnapshot With(MutualTlsMode mode, params PortMutualTls[] ports) =>
        new TestConfig { Inbound = new InboundConfig { MutualTls = mode, MutualTlsByPort = [.. ports] } }.Compile();
}
