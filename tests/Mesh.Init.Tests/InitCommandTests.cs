namespace Mesh.Init.Tests;

public sealed class InitCommandTests
{
    private static (int ExitCode, string Output, string Log) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var log = new StringWriter();
        var parsed = new InitCommand(output, log).Parse(arguments);
        Assert.Empty(parsed.Errors);
        return (parsed.Invoke(), output.ToString(), log.ToString());
    }

    [Theory]
    [InlineData("--include-inbound-ports", "70000", "'70000' is not a port")]
    [InlineData("--include-inbound-ports", "80,http", "'http' is not a port")]
    [InlineData("--exclude-outbound-ports", "0", "'0' is not a port")]
    [InlineData("--include-outbound-ranges", "10.0.0.0/33", "prefix length")]
    [InlineData("--include-outbound-ranges", "10.0", "not an address range")]
    [InlineData("--exclude-outbound-ranges", "*", "not an address range")]
    [InlineData("--exclude-interfaces", "eth0 -j ACCEPT", "not the name of a network interface")]
    [InlineData("--exclude-interfaces", "eth0\nCOMMIT", "not the name of a network interface")]
    [InlineData("--uid", "root", "not a user or group id")]
    [InlineData("--outbound-port", "0", "a port is a number")]
    [InlineData("--loopback-range", "::1/128", "not an IPv4 range")]
    public void A_wrong_value_is_a_usage_error_that_names_option_and_value(string option, string value, string says)
    {
        var (exitCode, output, log) = Run("--dry-run", $"{option}={value}");
        Assert.Equal(InitFailure.Usage, exitCode);
        Assert.Contains(says, log, StringComparison.Ordinal);
        Assert.Contains(option, log, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void Dry_run_prints_what_would_be_loaded_for_both_families()
    {
        var (exitCode, output, _) = Run("--dry-run", "--ipv6", "on", "--outbound-port", "4140", "--inbound-port", "4143", "--uid", "2102");
        Assert.Equal(0, exitCode);
        Assert.Equal(2, output.Split("*nat").Length - 1);
        Assert.Contains("--to-ports 4140", output, StringComparison.Ordinal);
        Assert.Contains("--to-ports 4143", output, StringComparison.Ordinal);
        Assert.Contains("--gid-owner 2102", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dry_run_without_IPv6_prints_one_family()
    {
        var (_, output, _) = Run("--dry-run", "--ipv6", "off");
        Assert.DoesNotContain("ip6tables", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("2001:db8::5/32", "2001:db8::/32")]
    public void A_range_is_masked_to_its_network(string given, string read) =>
        Assert.Equal(read, Assert.Single(OptionText.Ranges(given)).ToString());

    [Fact]
    public void Trailing_commas_and_blanks_are_fine_as_annotations_have_them() =>
        Assert.Equal([6000, 7000], OptionText.Ports(" 6000, 7000,"));
}
