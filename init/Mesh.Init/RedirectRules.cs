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
    private const string ToOutboundPort = RuleSet.ChainPrefix + "REDIRECT";
    private const string ToInboundPort = RuleSet.ChainPrefix + "IN_REDIRECT";

    /// <summary>The rules of one family.</summary>
    public static RuleSet For(InitOptions options, IpFamily family)
    {
        var rules = ImmutableArray.CreateBuilder<string>();
        rules.Add($"-A {ToOutboundPort} -p tcp -j REDIRECT --to-ports {options.OutboundPort}");
        rules.Add($"-A {ToInboundPort} -p tcp -j REDIRECT --to-ports {options.InboundPort}");
        AddInbound(rules, options);
        AddOutbound(rules, options, family);
        return new RuleSet(family, [Inbound, ToOutboundPort, ToInboundPort, Output], rules.ToImmutable());
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

    private static void AddOutbound(ImmutableArray<string>.Builder rules, InitOptions options, IpFamily family)
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
        foreach (var uid in options.Uids) AddOwner(rules, $"--uid-owner {Text(uid)}", localhost, capturesLoopback);
        foreach (var gid in options.Gids) AddOwner(rules, $"--gid-owner {Text(gid)}", localhost, capturesLoopback);
        // Explicit localhost is the application's own business.
        rules.Add($"-A {Output} -d {localhost} -j RETURN");

        foreach (var range in Ranges(options.ExcludeOutboundRanges, family)) rules.Add($"-A {Output} -d {range} -j RETURN");
        foreach (var port in options.IncludeOutboundPorts) rules.Add($"-A {Output} -p tcp --dport {Text(port)} -j {ToOutboundPort}");
        if (options.IncludeOutboundRanges is null) rules.Add($"-A {Output} -j {ToOutboundPort}");
        else
            foreach (var range in Ranges(options.IncludeOutboundRanges, family))
                rules.Add($"-A {Output} -d {range} -j {ToOutboundPort}");
    }

    private static void AddOwner(ImmutableArray<string>.Builder rules, string owner, string localhost, bool capturesLoopback)
    {
        // The application called a Service and the sidecar chose this very pod: the connection must pass the inbound side
        // like one from outside, with its policies and metrics.
        rules.Add($"-A {Output} -o lo ! -d {localhost} -p tcp -m owner {owner} -j {ToInboundPort}");
        // An application that talks to itself by pod IP or localhost is left alone.
        if (!capturesLoopback) rules.Add($"-A {Output} -o lo -m owner ! {owner} -j RETURN");
        // Everything else the sidecar sends is on its way out.
        rules.Add($"-A {Output} -m owner {owner} -j RETURN");
    }

    private static IEnumerable<IPNetwork> Ranges(ImmutableArray<IPNetwork>? ranges, IpFamily family) =>
        (ranges ?? []).Where(range =>
            range.BaseAddress.AddressFamily == (family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
