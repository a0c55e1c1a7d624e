using System.Net;

namespace Mesh.Init.Tests;

public sealed class RedirectRulesTests
{
    private static readonly InitOptions Defaults = new();

    [Fact]
    public void By_default_everything_is_captured_in_both_directions()
    {
        var rules = RedirectRules.For(Defaults, IpFamily.V4).RulesOf("nat");
        Assert.Equal("-A MESH_OUTPUT -j MESH_REDIRECT", rules[^1]);
        Assert.Contains("-A MESH_INBOUND -p tcp -j MESH_IN_REDIRECT", rules);
    }

    [Theory]
    [InlineData(15012)]
    [InlineData(15020)]
    [InlineData(15021)]
    [InlineData(15090)]
    public void The_sidecars_own_ports_are_never_captured(int port)
    {
        foreach (var options in new[] { Defaults, Defaults with { IncludeInboundPorts = [port, 80] } })
        {
            var rules = RedirectRules.For(options, IpFamily.V4).RulesOf("nat");
            var excluded = rules.IndexOf($"-A MESH_INBOUND -p tcp --dport {port} -j RETURN");
            Assert.InRange(excluded, 0, rules.ToList().FindIndex(rule => rule.EndsWith("-j MESH_IN_REDIRECT", StringComparison.Ordinal)) - 1);
        }
    }

    [Fact]
    public void Excluded_outbound_ports_come_before_the_rules_of_the_sidecar_and_cover_udp()
    {
        var rules = RedirectRules.For(Defaults with { ExcludeOutboundPorts = [5432] }, IpFamily.V4).RulesOf("nat");
        Assert.True(rules.IndexOf("-A MESH_OUTPUT -p tcp --dport 5432 -j RETURN") < rules.IndexOf("-A MESH_OUTPUT -o lo -s 127.0.0.6/32 -j RETURN"));
        Assert.Contains("-A MESH_OUTPUT -p udp --dport 5432 -j RETURN", rules);
    }

    [Fact]
    public void Excluded_ranges_win_over_included_ones()
    {
        var rules = RedirectRules.For(Defaults with
        {
            IncludeOutboundRanges = OptionText.Ranges("10.0.0.0/8"),
            ExcludeOutboundRanges = OptionText.Ranges("10.1.0.0/16"),
        }, IpFamily.V4).RulesOf("nat");
        Assert.True(rules.IndexOf("-A MESH_OUTPUT -d 10.1.0.0/16 -j RETURN") < rules.IndexOf("-A MESH_OUTPUT -d 10.0.0.0/8 -j MESH_REDIRECT"));
        Assert.DoesNotContain("-A MESH_OUTPUT -j MESH_REDIRECT", rules);
    }

    [Fact]
    public void A_range_counts_only_in_its_own_family()
    {
        var options = Defaults with { IncludeOutboundRanges = OptionText.Ranges("10.0.0.0/8,2001:db8::/32") };
        Assert.DoesNotContain(RedirectRules.For(options, IpFamily.V4).RulesOf("nat"), rule => rule.Contains("2001:db8", StringComparison.Ordinal));
        var v6 = RedirectRules.For(options, IpFamily.V6).RulesOf("nat");
        Assert.Equal("-A MESH_OUTPUT -d 2001:db8::/32 -j MESH_REDIRECT", v6[^1]);
        Assert.Contains("-A MESH_OUTPUT -o lo -s ::6/128 -j RETURN", v6);
    }

    [Fact]
    public void An_included_loopback_range_is_not_cut_off_by_the_rule_for_an_application_talking_to_itself()
    {
        var rules = RedirectRules.For(Defaults with { IncludeOutboundRanges = OptionText.Ranges("127.1.2.3/32") }, IpFamily.V4).RulesOf("nat");
        Assert.DoesNotContain(rules, rule => rule.Contains("! --uid-owner", StringComparison.Ordinal) || rule.Contains("! --gid-owner", StringComparison.Ordinal));
        Assert.Equal("-A MESH_OUTPUT -d 127.1.2.3/32 -j MESH_REDIRECT", rules[^1]);
    }

    [Fact]
    public void No_included_inbound_port_means_no_inbound_capture()
    {
        var rules = RedirectRules.For(Defaults with { IncludeInboundPorts = [] }, IpFamily.V4).RulesOf("nat");
        Assert.DoesNotContain(rules, rule => rule.Contains("PREROUTING", StringComparison.Ordinal) || rule.StartsWith("-A MESH_INBOUND", StringComparison.Ordinal));
    }

    [Fact]
    public void Loading_takes_out_the_jumps_that_are_there_and_nothing_of_anyone_else()
    {
        string[] present =
        [
            "*nat", ":OUTPUT ACCEPT [0:0]", ":MESH_OUTPUT - [0:0]", "-A OUTPUT -j MESH_OUTPUT", "-A OUTPUT -j KUBE-SERVICES",
            "-A MESH_OUTPUT -j MESH_REDIRECT", "COMMIT",
        ];
        var input = RedirectRules.For(Defaults, IpFamily.V4).ToRestoreInput(SavedRules.Read(present)).Split('\n');
        Assert.Single(input, line => line == "-D OUTPUT -j MESH_OUTPUT");
        Assert.Single(input, line => line.StartsWith("-D ", StringComparison.Ordinal));
        Assert.Single(input, line => line == "-A OUTPUT -j MESH_OUTPUT");
    }

    [Fact]
    public void Removal_deletes_only_chains_and_jumps_of_ours()
    {
        var input = RuleSet.ToRemovalInput(
            SavedRules.Read(["*nat", ":PREROUTING ACCEPT [0:0]", ":KUBE-SERVICES - [0:0]", ":MESH_OUTPUT - [0:0]", "-A OUTPUT -j MESH_OUTPUT", "-A OUTPUT -j KUBE-SERVICES"]));
        Assert.Equal("*nat\n-D OUTPUT -j MESH_OUTPUT\n-F MESH_OUTPUT\n-X MESH_OUTPUT\nCOMMIT\n", input);
    }

    [Fact]
    public void Where_nothing_is_ours_there_is_nothing_to_remove() =>
        Assert.Null(RuleSet.ToRemovalInput(SavedRules.Read(["*nat", ":PREROUTING ACCEPT [0:0]", "-A OUTPUT -j KUBE-SERVICES"])));

    [Fact]
    public void Dns_is_captured_only_where_a_name_server_is_known_and_only_in_its_family()
    {
        var options = Defaults with { DnsServers = [IPAddress.Parse("10.96.0.10")] };
        Assert.Contains("-A MESH_OUTPUT_DNS -p udp --dport 53 -d 10.96.0.10/32 -j REDIRECT --to-ports 15053", RedirectRules.For(options, IpFamily.V4).RulesOf("nat"));
        Assert.Contains("-A MESH_OUTPUT_DNS -p tcp --dport 53 -d 10.96.0.10/32 -j REDIRECT --to-ports 15053", RedirectRules.For(options, IpFamily.V4).RulesOf("nat"));
        Assert.Single(RedirectRules.For(options, IpFamily.V6).Tables);
        Assert.Single(RedirectRules.For(Defaults, IpFamily.V4).Tables);
    }

    [Fact]
    public void Dns_to_an_excluded_port_53_is_left_alone_as_the_exclusion_comes_first()
    {
        var rules = RedirectRules.For(Defaults with { DnsServers = [IPAddress.Parse("10.96.0.10")], ExcludeOutboundPorts = [53] }, IpFamily.V4).RulesOf("nat");
        Assert.True(rules.IndexOf("-A MESH_OUTPUT -p udp --dport 53 -j RETURN") < rules.IndexOf("-A MESH_OUTPUT -j MESH_OUTPUT_DNS"));
    }

    [Fact]
    public void Loading_rules_without_dns_clears_those_with_it()
    {
        string[] present = ["*raw", ":MESH_OUTPUT_DNS - [0:0]", ":OTHER - [0:0]", "-A OUTPUT -j MESH_OUTPUT_DNS", "-A OUTPUT -j OTHER", "COMMIT", "*nat", "-A OUTPUT -j MESH_OUTPUT", "COMMIT"];
        Assert.EndsWith("COMMIT\n*raw\n-D OUTPUT -j MESH_OUTPUT_DNS\n-F MESH_OUTPUT_DNS\n-X MESH_OUTPUT_DNS\nCOMMIT\n", RedirectRules.For(Defaults, IpFamily.V4).ToRestoreInput(SavedRules.Read(present)), StringComparison.Ordinal);
    }

    [Fact]
    public void Name_servers_are_those_of_resolv_conf_at_most_three_and_without_zones()
    {
        string[] lines = ["# nameserver 1.1.1.1", "nameserver 10.96.0.10", "search a b", "nameserver\tfe80::1%eth0 ", "nameserver 10.96.0.10", "nameserver nonsense", "nameserver 10.0.0.2", "nameserver 10.0.0.3"];
        Assert.Equal(["10.96.0.10", "fe80::1", "10.0.0.2"], NameServers.Read(lines).Select(server => server.ToString()));
    }
}
