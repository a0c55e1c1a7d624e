using Mesh.Config;
using Mesh.Sidecar.Routing;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Routing;

public sealed class VirtualHostTests
{
    [Theory]
    [InlineData("reviews", "exact")]
    [InlineData("reviews:9080", "exact")] // the port does not count
    [InlineData("reviews:80", "exact")]
    [InlineData("REVIEWS", "exact")] // nor the case
    [InlineData("reviews.", "exact")] // nor a trailing dot
    [InlineData("reviews.:9080", "exact")]
    [InlineData("a.foo.com", "long wildcard")]
    [InlineData("A.B.FOO.com:1", "long wildcard")]
    [InlineData("foo.com", "wildcard")] // *.foo.com is not foo.com
    [InlineData("bar.com", "wildcard")]
    [InlineData("com", "any")]
    [InlineData("reviews2", "any")]
    [InlineData("", "any")]
    [InlineData("10.0.0.1:80", "address")]
    [InlineData("[fd00::1]:80", "address6")]
    [InlineData("[fd00::1]", "address6")]
    public void The_most_specific_domain_wins(string authority, string expected)
    {
        var table = new CompiledRouteTable(new RouteTable
        {
            Name = "80",
            VirtualHosts =
            [
                Host("any", "*"), Host("wildcard", "*.com"), Host("long wildcard", "*.foo.com"), Host("exact", "reviews"),
                Host("address", "10.0.0.1"), Host("address6", "[fd00::1]"),
            ],
        });

        Assert.Equal(expected, table.FindVirtualHost(authority)?.Name);
    }

    [Fact]
    public void A_look_up_finds_what_going_through_all_domains_finds()
    {
        var random = new Random(11);
        string[] labels = ["a", "b", "com", "x-y"];
        for (var turn = 0; turn < 300; turn++)
        {
            var domains = Enumerable.Range(0, random.Next(12)).Select(_ => Name() is var name && random.Next(2) == 0 ? name : Star(name)).Distinct().ToArray();
            var table = new HostTable<string>(domains.Select(domain => (domain, domain)));
            for (var i = 0; i < 20; i++)
            {
                var host = Name();
                var expected = domains.Where(domain => Fits(domain, host)).OrderByDescending(domain => (!domain.StartsWith('*'), domain.Length)).FirstOrDefault();
                Assert.Equal(expected, table.Find(host.ToUpperInvariant()));
            }
        }

        string Name() => string.Join('.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => labels[random.Next(labels.Length)]));
        string Star(string name) => random.Next(4) switch { 0 => "*", 1 => $"*{name}", _ => $"*.{name}" };
        static bool Fits(string domain, string host) => domain == host || domain == "*"
            || (domain.StartsWith('*') && host.Length >= domain.Length && host.EndsWith(domain[1..], StringComparison.Ordinal));
    }

    [Fact]
    public void No_domain_that_fits_is_no_virtual_host()
    {
        Assert.Null(new CompiledRouteTable(new RouteTable { Name = "80", VirtualHosts = [Host("a", "a")] }).FindVirtualHost("b"));
    }

    [Fact]
    public void The_first_matching_route_wins()
    {
        var get = new RequestMatch { Method = new StringMatch { Kind = StringMatchKind.Exact, Value = "GET" } };
        var api = new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Prefix, Value = "/api" } };
        var host = new CompiledVirtualHost(new VirtualHost
        {
            Name = "a",
            Domains = ["a"],
            Routes = [TestConfig.RouteTo("api", api), TestConfig.RouteTo("get", get), TestConfig.RouteTo("api2", api), TestConfig.RouteTo("all")],
        });

        Assert.Equal("api", host.Match(TestExchange.Of(target: "/api"))?.Config.Name);
        Assert.Equal("get", host.Match(TestExchange.Of(target: "/"))?.Config.Name);
        Assert.Equal("all", host.Match(TestExchange.Of("POST", "/"))?.Config.Name);
    }

    [Fact]
    public void Any_match_of_a_route_is_enough()
    {
        var one = new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Exact, Value = "/1" } };
        var two = new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Exact, Value = "/2" } };
        var host = new CompiledVirtualHost(new VirtualHost { Name = "a", Domains = ["a"], Routes = [TestConfig.RouteTo("both", one, two)] });

        Assert.NotNull(host.Match(TestExchange.Of(target: "/1")));
        Assert.NotNull(host.Match(TestExchange.Of(target: "/2")));
        Assert.Null(host.Match(TestExchange.Of(target: "/3")));
    }

    [Fact]
    public void Host_names_match_as_in_Istios_own_table()
    {
        var cases = CasesOf("pkg_config_host_name_test.yaml", "TestNameMatches");
        Assert.NotEmpty(cases);
        foreach (var row in cases)
        {
            // One side is the domain, the other the host of a request, which is never a wildcard.
            foreach (var (domain, host) in new[] { (row["a"], row["b"]), (row["b"], row["a"]) })
            {
                if (host.StartsWith('*') || domain.Length == 0) continue;
                var found = new HostTable<string>([(domain, "found")]).Find(host) is not null;
                Assert.True(found == (row["out"] == "true"), $"{domain} and {host}: {row["out"]} expected");
            }
        }
    }

    [Fact]
    public void Domains_rank_as_in_Istios_own_table()
    {
        var cases = CasesOf("pkg_config_host_names_test.yaml", "TestNamesSortOrder");
        Assert.NotEmpty(cases);
        foreach (var row in cases)
        {
            var ranked = row.Where(pair => pair.Key.StartsWith("want", StringComparison.Ordinal)).Select(pair => pair.Value).ToArray();
            var table = new HostTable<string>(ranked.Reverse().Select(domain => (domain, domain)));
            foreach (var host in ranked.Select(domain => domain.StartsWith('*') ? $"x{domain[1..]}" : domain).Append("zzz"))
            {
                var expected = ranked.FirstOrDefault(domain => new HostTable<string>([(domain, domain)]).Find(host) is not null);
                Assert.Equal(expected, table.Find(host));
            }
        }
    }

    // These files hold flat scalars and lists written as $N: value; a YAML parser would be more than they need.
    private static List<Dictionary<string, string>> CasesOf(string file, string test)
    {
        var folder = Needs.Cases("istio-function-tables");
        var rows = new List<Dictionary<string, string>>();
        foreach (var document in File.ReadAllText(Path.Combine(folder, file)).Split("\n---\n"))
        {
            var row = new Dictionary<string, string>();
            var parent = "";
            foreach (var line in document.Split('\n').Where(line => line.Contains(':', StringComparison.Ordinal) && !line.StartsWith('#')))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var key = line[..colon].Trim();
                var value = line[(colon + 1)..].Trim().Trim('\'');
                if (!line.StartsWith(' ')) parent = key;
                row[line.StartsWith(' ') ? $"{parent}{key}" : key] = value;
            }

            row.Remove("in");
            row.Remove("want");
            if (row.GetValueOrDefault("_case", "").StartsWith(test, StringComparison.Ordinal)) rows.Add(row);
        }

        return rows;
    }

    private static VirtualHost Host(string name, params string[] domains) => new() { Name = name, Domains = [.. domains] };
}
