using System.CommandLine;
using Mesh.Config;

namespace Mesh.Init;

/// <summary>The command line: words to <see cref="InitOptions"/>, and what the program then does.</summary>
public sealed class InitCommand : RootCommand
{
    private readonly Option<int> _outboundPort = Number("--outbound-port", "Port that takes captured outbound connections", WellKnown.OutboundPort);
    private readonly Option<int> _inboundPort = Number("--inbound-port", "Port that takes captured inbound connections", WellKnown.InboundPort);
    private readonly Option<bool> _redirectDns = new("--redirect-dns") { Description = "Capture DNS queries (UDP and TCP) to the pod's name servers" };
    private readonly Option<int> _dnsPort = Number("--dns-port", "Port that answers captured DNS queries", WellKnown.DnsPort);
    private readonly Option<string> _dnsServers = Text("--dns-servers", "Name servers whose queries are captured (default: those of /etc/resolv.conf)", "");
    private readonly Option<string> _uid = Text("--uid", "User ids of the sidecar, which is not captured", WellKnown.ProxyUid.ToString());
    private readonly Option<string> _gid = Text("--gid", "Group ids of the sidecar (default: as --uid)", "");
    private readonly Option<string> _includeOutboundRanges = Text("--include-outbound-ranges", "Destinations to capture: CIDRs, or * for all", "*");
    private readonly Option<string> _excludeOutboundRanges = Text("--exclude-outbound-ranges", "Destinations never to capture: CIDRs", "");
    private readonly Option<string> _includeInboundPorts = Text("--include-inbound-ports", "Ports of the pod to capture, or * for all", "*");
    private readonly Option<string> _excludeInboundPorts = Text("--exclude-inbound-ports", "Ports of the pod not to capture when all others are", "");
    private readonly Option<string> _includeOutboundPorts = Text("--include-outbound-ports", "Destination ports to capture whatever the address", "");
    private readonly Option<string> _excludeOutboundPorts = Text("--exclude-outbound-ports", "Destination ports never to capture", "");
    private readonly Option<string> _excludeInterfaces = Text("--exclude-interfaces", "Network interfaces to leave alone", "");
    private readonly Option<string> _loopbackRange = Text("--loopback-range", "What counts as explicit IPv4 localhost", "127.0.0.1/32");
    private readonly Option<IPv6Choice> _ipv6 = new("--ipv6") { Description = "Capture IPv6: auto (where the pod has it), on, off", DefaultValueFactory = _ => IPv6Choice.Auto };
    private readonly Option<BackendChoice> _backend = new("--backend") { Description = "iptables to use: auto (the one in use here, else nft), nft, legacy", DefaultValueFactory = _ => BackendChoice.Auto };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the rules and change nothing" };
    private readonly Option<bool> _cleanup = new("--cleanup") { Description = "Remove the rules" };
    private readonly Option<bool> _skipCheck = new("--skip-check") { Description = "Do not prove the rules by a connection" };

    public InitCommand(TextWriter output, TextWriter log)
        : base("Writes the iptables rules that hand a pod's TCP connections and DNS queries to its Mesh sidecar.")
    {
        foreach (var option in new Option[]
        {
            _outboundPort, _inboundPort, _redirectDns, _dnsPort, _dnsServers, _uid, _gid, _includeOutboundRanges, _excludeOutboundRanges, _includeInboundPorts,
            _excludeInboundPorts, _includeOutboundPorts, _excludeOutboundPorts, _excludeInterfaces, _loopbackRange, _ipv6, _backend,
            _dryRun, _cleanup, _skipCheck,
        }) Add(option);
        SetAction(result =>
        {
            try
            {
                var run = new InitRun(ReadOptions(result), output, log);
                if (result.GetValue(_dryRun)) run.Print();
                else if (result.GetValue(_cleanup)) run.Cleanup();
                else run.Apply(check: !result.GetValue(_skipCheck));
                return 0;
            }
            catch (FormatException e)
            {
                log.WriteLine($"mesh-init: {e.Message}");
                return InitFailure.Usage;
            }
            catch (InitFailure e)
            {
                log.WriteLine($"mesh-init: {e.Message}");
                return e.ExitCode;
            }
        });
    }

    private InitOptions ReadOptions(ParseResult result)
    {
        var uid = result.GetValue(_uid)!;
        return new InitOptions
        {
            OutboundPort = Port(result, _outboundPort),
            InboundPort = Port(result, _inboundPort),
            DnsPort = Port(result, _dnsPort),
            DnsServers = !result.GetValue(_redirectDns) ? []
                : result.GetValue(_dnsServers) is { Length: > 0 } ? Read(result, _dnsServers, OptionText.Addresses) : NameServers.OfPod(),
            Uids = Read(result, _uid, OptionText.Ids),
            Gids = result.GetValue(_gid) is { Length: > 0 } ? Read(result, _gid, OptionText.Ids) : OptionText.Ids(uid),
            IncludeOutboundRanges = Read(result, _includeOutboundRanges, OptionText.RangesOrAll),
            ExcludeOutboundRanges = Read(result, _excludeOutboundRanges, OptionText.Ranges),
            IncludeInboundPorts = Read(result, _includeInboundPorts, OptionText.PortsOrAll),
            ExcludeInboundPorts = Read(result, _excludeInboundPorts, OptionText.Ports),
            IncludeOutboundPorts = Read(result, _includeOutboundPorts, OptionText.Ports),
            ExcludeOutboundPorts = Read(result, _excludeOutboundPorts, OptionText.Ports),
            ExcludeInterfaces = Read(result, _excludeInterfaces, OptionText.Devices),
            LoopbackRange = Read(result, _loopbackRange, OptionText.IPv4Range),
            IPv6 = result.GetValue(_ipv6),
            Backend = result.GetValue(_backend),
        };
    }

    private static int Port(ParseResult result, Option<int> option) =>
        result.GetValue(option) is > 0 and <= 65535 and var port ? port
            : throw new FormatException($"{option.Name}: a port is a number from 1 to 65535");

    private static T Read<T>(ParseResult result, Option<string> option, Func<string, T> read)
    {
        try
        {
            return read(result.GetValue(option) ?? "");
        }
        catch (FormatException e)
        {
            throw new FormatException($"{option.Name}: {e.Message}", e);
        }
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<string> Text(string name, string description, string value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
