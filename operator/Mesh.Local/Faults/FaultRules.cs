using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Mesh.Local.Faults;

/// <summary>
/// The rules of a node for the faults in force. Every packet to a pod passes its node's FORWARD chain towards the bridge once, whether
/// it comes from the same node or another, so each fault acts there: cut and loss drop; what is to be shaped is put into the
/// fault's class of the bridge's queue (tc htb: rate, netem: delay), or, where the kernel has no netem, held in a queue of
/// this process. Pure: faults in, the texts for iptables-restore and tc out.
/// </summary>
internal static class FaultRules
{
    public const string Bridge = "mesh0";

    /// <summary>The class of a fault that has no rate of its own: faster than any veth.</summary>
    private const long Unlimited = 100_000_000_000;

    /// <summary>The mangle table, for IPv4 or IPv6.</summary>
    public static string Table(IReadOnlyList<FaultLink> links, bool ipv6, bool hasNetem)
    {
        var text = new StringBuilder("*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:MESH-FAULTS - [0:0]\n");
        foreach (var link in links) text.Append(CultureInfo.InvariantCulture, $":MESH-FAULT-{link.Number} - [0:0]\n:MESH-FAULT-{link.Number}-DO - [0:0]\n");
        foreach (var link in links.Where(l => l.Fault.BothWays)) text.Append(CultureInfo.InvariantCulture, $":MESH-FAULT-{link.Number}-BACK - [0:0]\n");
        text.Append(CultureInfo.InvariantCulture, $"-A FORWARD -o {Bridge} -j MESH-FAULTS\n");
        // What drops comes before what shapes: a packet that waits in a queue never comes back to later rules.
        foreach (var link in links.OrderBy(l => l.IsShape)) AddLink(text, link, ipv6, hasNetem);
        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>The classes of the bridge's queue, for tc -batch; empty when no fault needs one.</summary>
    public static string Classes(IReadOnlyList<FaultLink> links, bool hasNetem)
    {
        var shaped = links.Where(l => l.IsShape && (l.Fault.BitsPerSecond > 0 || hasNetem)).ToList();
        if (shaped.Count == 0) return "";
        var text = new StringBuilder($"qdisc add dev {Bridge} root handle 1: htb\n");
        foreach (var (number, fault) in shaped.Select(l => (l.Number, l.Fault)))
        {
            var rate = fault.BitsPerSecond > 0 ? fault.BitsPerSecond : Unlimited;
            text.Append(CultureInfo.InvariantCulture, $"class add dev {Bridge} parent 1: classid 1:{number:x} htb rate {rate}bit quantum 60000\n");
            if (hasNetem && fault.DelayMilliseconds > 0)
                text.Append(CultureInfo.InvariantCulture, $"qdisc add dev {Bridge} parent 1:{number:x} netem limit 100000 delay {fault.DelayMilliseconds * 1000:0}us {fault.JitterMilliseconds * 1000:0}us\n");
        }

        return text.ToString();
    }

    /// <summary>The faults whose packets this process has to hold.</summary>
    public static IEnumerable<FaultLink> Held(IReadOnlyList<FaultLink> links, bool hasNetem) =>
        hasNetem ? [] : links.Where(l => l.IsShape && l.Fault.DelayMilliseconds > 0);

    private static void AddLink(StringBuilder text, FaultLink link, bool ipv6, bool hasNetem)
    {
        var chain = $"MESH-FAULT-{link.Number}";
        AddDirection(text, chain, link.From, link.To, chain, ipv6);
        if (link.Fault.BothWays) AddDirection(text, chain, link.To, link.From, chain + "-BACK", ipv6);
        var fault = link.Fault;
        if (fault.Cut) text.Append(CultureInfo.InvariantCulture, $"-A {chain}-DO -j DROP\n");
        if (fault.LossPercent > 0) text.Append(CultureInfo.InvariantCulture, $"-A {chain}-DO -m statistic --mode random --probability {fault.LossPercent / 100:F8} -j DROP\n");
        if (!link.IsShape) return;
        if (fault.BitsPerSecond > 0 || hasNetem) text.Append(CultureInfo.InvariantCulture, $"-A {chain}-DO -j CLASSIFY --set-class 1:{link.Number:x}\n");
        if (fault.DelayMilliseconds > 0 && !hasNetem) text.Append(CultureInfo.InvariantCulture, $"-A {chain}-DO -j NFQUEUE --queue-num {link.Number} --queue-bypass\n");
        text.Append(CultureInfo.InvariantCulture, $"-A {chain}-DO -j ACCEPT\n");
    }

    private static void AddDirection(StringBuilder text, string fault, ImmutableArray<string>? from, ImmutableArray<string>? to, string chain, bool ipv6)
    {
        foreach (var source in Match("-s", from, ipv6)) text.Append(CultureInfo.InvariantCulture, $"-A MESH-FAULTS{source} -j {chain}\n");
        foreach (var target in Match("-d", to, ipv6)) text.Append(CultureInfo.InvariantCulture, $"-A {chain}{target} -j {fault}-DO\n");
    }

    private static IEnumerable<string> Match(string option, ImmutableArray<string>? addresses, bool ipv6) =>
        addresses is { } some ? some.Where(a => a.Contains(':') == ipv6).Select(a => $" {option} {a}") : [""];
}
