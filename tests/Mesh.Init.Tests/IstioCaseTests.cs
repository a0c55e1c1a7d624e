using System.Net;
using System.Text.RegularExpressions;
using Mesh.Testing;
using YamlDotNet.Serialization;

namespace Mesh.Init.Tests;

/// <summary>
/// Istio's option cases: for the same options the same rules in the same order. What differs on purpose is translated by
/// <see cref="Translate"/>, one line each, and stands in docs/differences.md.
/// </summary>
public sealed partial class IstioCaseTests
{
    /// <summary>Cases whose feature Mesh does not have; every other case must agree.</summary>
    private static readonly Dictionary<string, string> OutOfScope = new()
    {
        ["ipv6-dns-outbound-owner-groups"] = "owner groups",
        ["ipv6-dns-outbound-owner-groups-exclude"] = "owner groups",
        ["outbound-owner-groups"] = "owner groups",
        ["outbound-owner-groups-exclude"] = "owner groups",
        ["tproxy"] = "TPROXY interception",
        ["inbound-ports-tproxy"] = "TPROXY interception",
        ["inbound-ports-wildcard-tproxy"] = "TPROXY interception",
        ["ipv6-virt-interfaces"] = "rerouted virtual interfaces",
        ["ipv6-ipnets"] = "rerouted virtual interfaces",
        ["ipv6-uid-gid"] = "rerouted virtual interfaces",
        ["kube-virt-interfaces"] = "rerouted virtual interfaces",
        ["ipnets-with-kube-virt-interfaces"] = "rerouted virtual interfaces",
        ["drop-invalid"] = "dropping packets that connection tracking calls invalid",
    };

    [Fact]
    public void Every_case_of_Istio_gives_the_same_rules_or_is_listed_as_out_of_scope()
    {
        var folder = Needs.Cases("istio-iptables");
        var cases = new DeserializerBuilder().Build()
            .Deserialize<List<Dictionary<string, object?>>>(File.ReadAllText(Path.Combine(folder, "cases.yaml")));
        Assert.NotEmpty(cases);
        var compared = 0;
        foreach (var entry in cases)
        {
            var name = (string)entry["name"]!;
            if (OutOfScope.ContainsKey(name)) continue;
            var config = ((IDictionary<object, object>?)entry["config"])?.ToDictionary(p => (string)p.Key, p => p.Value) ?? [];
            var golden = File.ReadAllLines(Path.Combine(folder, (string)entry["golden"]!));
            Assert.Equal(Translate(golden), Ours(name, config));
            compared++;
        }
        Assert.Equal(cases.Count - OutOfScope.Count, compared);
    }

    private static List<string> Ours(string name, Dictionary<string, object> config)
    {
        var options = ReadOptions(name, config);
        var families = options.IPv6 == IPv6Choice.On ? new[] { IpFamily.V4, IpFamily.V6 } : [IpFamily.V4];
        var lines = new List<string>();
        foreach (var family in families)
            lines.AddRange(RedirectRules.For(options, family).ToRestoreInput(SavedRules.None).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // Our control ports are excluded always; in Istio the injector lists them with the user's.
        return [.. lines.Where(line => !OwnPort().IsMatch(line))];
    }

    private static InitOptions ReadOptions(string name, Dictionary<string, object> config)
    {
        // Their defaults capture nothing; ours capture everything, as their injector asks for.
        var options = new InitOptions { IncludeInboundPorts = [], IncludeOutboundRanges = [], IPv6 = IPv6Choice.Off };
        foreach (var (key, value) in config)
        {
            var text = value as string ?? "";
            options = key switch
            {
                "InboundPortsInclude" => options with { IncludeInboundPorts = OptionText.PortsOrAll(text) },
                "InboundPortsExclude" => options with { ExcludeInboundPorts = OptionText.Ports(text) },
                "OutboundPortsInclude" => options with { IncludeOutboundPorts = OptionText.Ports(text) },
                "OutboundPortsExclude" => options with { ExcludeOutboundPorts = OptionText.Ports(text) },
                "OutboundIPRangesInclude" => options with { IncludeOutboundRanges = OptionText.RangesOrAll(text) },
                "OutboundIPRangesExclude" => options with { ExcludeOutboundRanges = OptionText.Ranges(text) },
                "ExcludeInterfaces" => options with { ExcludeInterfaces = OptionText.Devices(text) },
                "HostIPv4LoopbackCidr" => options with { LoopbackRange = OptionText.IPv4Range(text) },
                "ProxyUID" => options with { Uids = OptionText.Ids(text) },
                "ProxyGID" => options with { Gids = OptionText.Ids(text) },
                "EnableIPv6" => options with { IPv6 = text == "true" ? IPv6Choice.On : IPv6Choice.Off },
                // Without the addresses of name servers nothing is captured, here as there.
                "DryRun" or "RedirectDNS" => options,
                "DNSServersV4" or "DNSServersV6" => options with { DnsServers = [.. options.DnsServers, .. ((IEnumerable<object>)value).Select(server => IPAddress.Parse((string)server))] },
                _ => throw new InvalidOperationException($"case {name} uses {key}: support it or list the case as out of scope"),
            };
        }
        return options;
    }

    private static List<string> Translate(IEnumerable<string> golden)
    {
        var lines = golden.Select(line => line.Trim())
            // They print their look at the present state too.
            .Where(line => line.Length > 0 && !line.StartsWith("iptables-save", StringComparison.Ordinal) && !line.StartsWith("ip6tables-save", StringComparison.Ordinal))
            .Select(line => line.Replace("ISTIO_", "MESH_", StringComparison.Ordinal).Replace("* nat", "*nat", StringComparison.Ordinal).Replace("* raw", "*raw", StringComparison.Ordinal))
            // A chain line that also empties a chain that is there: loading twice is the same as once.
            .Select(line => line.StartsWith("-N ", StringComparison.Ordinal) ? $":{line[3..]} - [0:0]" : line)
            // No tunnel port: Mesh has no HBONE, so 15008 is a port like any other.
            .Where(line => line != "-A MESH_INBOUND -p tcp --dport 15008 -j RETURN")
            .Select(line => line.Replace(" ! --dport 15008", "", StringComparison.Ordinal).Replace("-m multiport ! --dports 53,15008", "! --dport 53", StringComparison.Ordinal))
            // iptables takes both; we write one.
            .Select(line => line.EndsWith("--to-port 15053", StringComparison.Ordinal) ? line.Replace("--to-port ", "--to-ports ", StringComparison.Ordinal) : line)
            .ToList();
        // An excluded interface is left alone by a rule in our chain, not in the kernel's, so that removal finds it.
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            if (ExcludedInterface().Match(lines[i]) is not { Success: true } match) continue;
            lines.RemoveAt(i);
            if (match.Groups["chain"].Value == "OUTPUT")
                lines.Insert(lines.IndexOf("-A OUTPUT -j MESH_OUTPUT") + 1, $"-A MESH_OUTPUT -o {match.Groups["device"].Value} -j RETURN");
            else if (lines.IndexOf("-A PREROUTING -p tcp -j MESH_INBOUND") is >= 0 and var jump)
                lines.Insert(jump + 1, $"-A MESH_INBOUND -i {match.Groups["device"].Value} -j RETURN");
        }
        return lines;
    }

    [GeneratedRegex("^-A MESH_INBOUND -p tcp --dport (15012|15020|15021|15090) -j RETURN$")]
    private static partial Regex OwnPort();

    [GeneratedRegex("^-A (?<chain>PREROUTING|OUTPUT) -[io] (?<device>\\S+) -j RETURN$")]
    private static partial Regex ExcludedInterface();
}
