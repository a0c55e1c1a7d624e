using System.Net;
using Mesh.Local.Node.Network;

namespace Mesh.Local.Tests.Node;

public sealed class AddressPlanTests
{
    [Fact]
    public void The_same_name_gets_the_same_addresses()
    {
        Assert.Equal(AddressPlan.Choose("mesh", []), AddressPlan.Choose("mesh", []));
        Assert.NotEqual(AddressPlan.Choose("mesh", []).Pods, AddressPlan.Choose("other", []).Pods);
    }

    [Fact]
    public void Routes_of_the_machine_are_stayed_clear_of()
    {
        var free = AddressPlan.Choose("mesh", []);
        var moved = AddressPlan.Choose("mesh", [new Subnet(free.Services.At(256), 24)]);
        Assert.False(moved.Pods.Overlaps(free.Services) || moved.Services.Overlaps(free.Services) || moved.Pods.Overlaps(free.Pods));
        Assert.Throws<IOException>(() => AddressPlan.Choose("mesh", [new Subnet(IPAddress.Parse("10.0.0.0"), 8)]));
    }

    [Fact]
    public void The_kernel_s_route_table_is_read_without_its_default_route()
    {
        string[] table =
        [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t000A580A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
        ];
        Assert.Equal("10.88.10.0/24", Assert.Single(AddressPlan.ReadRoutes(table)).ToString());
    }

    [Theory]
    [InlineData("10.0.0.0", 8, "10.3.0.0", 16, true)]
    [InlineData("10.3.0.0", 16, "10.0.0.0", 8, true)]
    [InlineData("10.2.0.0", 16, "10.3.0.0", 16, false)]
    public void Subnets_overlap_when_one_holds_the_other(string a, int lengthA, string b, int lengthB, bool overlap) =>
        Assert.Equal(overlap, new Subnet(IPAddress.Parse(a), lengthA).Overlaps(new Subnet(IPAddress.Parse(b), lengthB)));
}
