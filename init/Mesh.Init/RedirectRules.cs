using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Config;

namespace Mesh.Init;

/// <summary>
/// Which rules capture a pod's traffic. Pure: options to text. The order is the meaning, since the first rule that matches
/// decides: exclusions, then the sidecar's own connections, then localhost, then what is included.
/// </summary>
public static class RedirectRules
{
    private const string Inbound = RuleSet.ChainPrefix + "INBOUND";
    private const string Output = RuleSet.ChainPrefix + "OUTPUT";
    private const string Dns = RuleSet.ChainPrefix + "OUTPUT_DNS";
    private const string ToOutboundPort = RuleSet.ChainPrefix + "REDIRECT";
    private const string ToInboundPort = RuleSet.ChainPrefix + "IN_REDIRECT";

    /// <summary>The rules of one family.</summary>
    public static RuleSet For(InitOptions options, IpFamily family)
    {
        var servers = options.DnsServers.Where(server => server.AddressFamily == FamilyOf(family)).Select(server => $"{server}/{(family == IpFamily.V4 ? 32 : 128)}").ToImmutableArray();
        var rules = ImmutableArray.CreateBuilder<string>();
        rules.Add($"-A {ToOutboundPort} -p tcp -j REDIRECT --to-ports {options.OutboundPort}");
        rules.Add($"-A {ToInboundPort} -p tcp -j REDIRECT --to-ports {options.InboundPort}");
        AddInbound(rules, options);
        AddOutbound(rules, options, family, servers);
        if (servers.IsEmpty) return new RuleSet(family, [new TableRules(TableRules.Nat, [Inbound, ToOutboundPort, ToInboundPort, Output], rules.ToImmutable())]);
        return new RuleSet(family,
        [
            new TableRules(TableRules.Nat, [Inbound, ToOutboundPort, ToInboundPort, Output, Dns], rules.ToImmutable()),
            new TableRules(TableRules.Raw, [Dns, Inbound], Zones(options, servers)),
        ]);
    }

    /// <summary>
    /// A query of the application and the sidecar's own query to the same server may have the same addresses and ports. Kept
    /// in one table of connections, the answer to the one would be taken for the other's: so each side has its own zone.
    /// </summary>
    private static ImmutableArray<string> Zones(InitOptions options, ImmutableArray<string> servers)
    {
        const int Upstream = 1, Application = 2;
        var rules = ImmutableArray.CreateBuilder<string>();
        rules.Add($"-A OUTPUT -j {Dns}");
        foreach (var owner in options.Uids.Select(uid => $"--uid-owner {Text(uid)}").Concat(options.Gids.Select(gid => $"--gid-owner {Text(gid)}")))
        {
            rules.Add($"-A {Dns} -p udp --dport 53 -m owner {owner} -j CT --zone {Upstream}");
            rules.Add($"-A {Dns} -p udp --sport {Text(options.DnsPort)} -m owner {owner} -j CT --zone {Application}");
        }
        rules.Add($"-A PREROUTING -j {Inbound}");
        foreach (var server in servers)
        {
            rules.Add($"-A {Dns} -p udp --dport 53 -d {server} -j CT --zone {Application}");
            rules.Add($"-A {Inbound} -p udp --sport 53 -s {server} -j CT --zone {Upstream}");
        }
        return rules.ToImmutable();
    }

    private static void AddInbound(ImmutableArray<string>.Builder rules, InitOptions options)
    {
        if (options.IncludeInboundPorts is { IsEmpty: true }) return;
        rules.Add($"-A PREROUTING -p tcp -j {Inbound}");
        foreach (var device in options.ExcludeInterfaces) rules.Add($"-A {Inbound} -i {device} -j RETURN");
        foreach (var port in InitOptions.ControlPorts) rules.Add($"-A {Inbound} -p tcp --dport {Text(port)} -j RETURN");
        if (options.IncludeInboundPorts is { } ports)
        {
            foreach (var port in ports) rules.Add($"-A {Inbound} -p tcp --dport {Text(port)} -j {ToInboundPort}");
            return;
        }
        foreach (var port in options.ExcludeInboundPorts.Except(InitOptions.ControlPorts))
            rules.Add($"-A {Inbound} -p tcp --dport {Text(port)} -j RETURN");
        rules.Add($"-A {Inbound} -p tcp -j {ToInboundPort}");
    }

    private static void AddOutbound(ImmutableArray<string>.Builder rules, InitOptions options, IpFamily family, ImmutableArray<string> dnsServers)
    {
        var localhost = family == IpFamily.V4 ? options.LoopbackRange : "::1/128";
        var inboundSource = family == IpFamily.V4 ? $"{WellKnown.InboundSourceIPv4}/32" : $"{WellKnown.InboundSourceIPv6}/128";

        rules.Add($"-A OUTPUT -j {Output}");
        foreach (var device in options.ExcludeInterfaces) rules.Add($"-A {Output} -o {device} -j RETURN");
        foreach (var port in options.ExcludeOutboundPorts)
        {
            rules.Add($"-A {Output} -p tcp --dport {Text(port)} -j RETURN");
            rules.Add($"-A {Output} -p udp --dport {Text(port)} -j RETURN");
        }

        // The sidecar's connections to its own application come from this address. They go by loopback and to the pod's IP,
        // so without this rule the next one would send them back to the inbound port for ever.
        rules.Add($"-A {Output} -o lo -s {inboundSource} -j RETURN");
        // A range of 127.0.0.0/8 that is to be captured would never get past the rule for an application talking to itself.
        var capturesLoopback = Ranges(options.IncludeOutboundRanges, family).Any(range => IPAddress.IsLoopback(range.BaseAddress));
        var dns = !dnsServers.IsEmpty;
        foreach (var uid in options.Uids) AddOwner(rules, $"--uid-owner {Text(uid)}", localhost, capturesLoopback, dns, mayBeResolver: true);
        foreach (var gid in options.Gids) AddOwner(rules, $"--gid-owner {Text(gid)}", localhost, capturesLoopback, dns, mayBeResolver: false);
        // Before localhost, as a name server may listen there.
        if (dns) rules.Add($"-A {Output} -j {Dns}");
        foreach (var server in dnsServers) rules.Add($"-A {Dns} -p tcp --dport 53 -d {server} -j REDIRECT --to-ports {Text(options.DnsPort)}");
        foreach (var server in dnsServers) rules.Add($"-A {Dns} -p udp --dport 53 -d {server} -j REDIRECT --to-ports {Text(options.DnsPort)}");
        // Explicit localhost is the application's own business.
        rules.Add($"-A {Output} -d {localhost} -j RETURN");

        foreach (var range in Ranges(options.ExcludeOutboundRanges, family)) rules.Add($"-A {Output} -d {range} -j RETURN");
        foreach (var port in options.IncludeOutboundPorts) rules.Add($"-A {Output} -p tcp --dport {Text(port)} -j {ToOutboundPort}");
        if (options.IncludeOutboundRanges is null) rules.Add($"-A {Output} -j {ToOutboundPort}");
        else
            foreach (var range in Ranges(options.IncludeOutboundRanges, family))
                rules.Add($"-A {Output} -d {range} -j {ToOutboundPort}");
    }

    private static void AddOwner(
        ImmutableArray<string>.Builder rules, string owner, string localhost, bool capturesLoopback, bool dns, bool mayBeResolver)
    {
        // The application called a Service and the sidecar chose this very pod: the connection must pass the inbound side
        // like one from outside, with its policies and metrics. The sidecar's question to a name server in this pod must not.
        rules.Add($"-A {Output} -o lo ! -d {localhost} -p tcp{(dns && mayBeResolver ? " ! --dport 53" : "")} -m owner {owner} -j {ToInboundPort}");
        // An application that talks to itself by pod IP or localhost is left alone, but for its questions to a name server.
        if (!capturesLoopback) rules.Add($"-A {Output} -o lo{(dns ? " -p tcp ! --dport 53" : "")} -m owner ! {owner} -j RETURN");
        // Everything else the sidecar sends is on its way out.
        rules.Add($"-A {Output} -m owner {owner} -j RETURN");
    }

    private static IEnumerable<IPNetwork> Ranges(ImmutableArray<IPNetwork>? ranges, IpFamily family) =>
        (ranges ?? []).Where(range =>
            range.BaseAddress.AddressFamily == FamilyOf(family));

    private static AddressFamily FamilyOf(IpFamily family) => family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
