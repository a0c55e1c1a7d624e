using System.Collections.Immutable;
using System.Net;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>Which of a pod's traffic is captured: Istio's <c>traffic.sidecar.istio.io/*</c> annotations as the init container's arguments.</summary>
public sealed record CaptureSettings
{
    private const string IncludeInbound = "--include-inbound-ports";
    private const string ExcludeInbound = "--exclude-inbound-ports";

    // The sidecar's own ports are not the application's traffic; the sketches of others forget some of them.
    internal static readonly ImmutableArray<int> OwnPorts =
        [WellKnown.ControlPort, WellKnown.StatusPort, WellKnown.ReadinessPort, WellKnown.ProxyMetricsPort];

    /// <summary>The annotations that this reads.</summary>
    internal static readonly ImmutableArray<string> ActedOn =
    [
        MeshLabels.IncludeOutboundIpRanges, MeshLabels.ExcludeOutboundIpRanges, MeshLabels.IncludeOutboundPorts, MeshLabels.ExcludeOutboundPorts,
        MeshLabels.IncludeInboundPorts, MeshLabels.ExcludeInboundPorts, MeshLabels.ExcludeInterfaces,
    ];

    public string IncludeOutboundRanges { get; init; } = "*";

    public string ExcludeOutboundRanges { get; init; } = "";

    public string IncludeOutboundPorts { get; init; } = "";

    public string ExcludeOutboundPorts { get; init; } = "";

    public string IncludeInboundPorts { get; init; } = "*";

    public string ExcludeInboundPorts { get; init; } = "";

    public string ExcludeInterfaces { get; init; } = "";

    /// <summary>DNS queries are captured too; not where the proxy's setting <c>ISTIO_META_DNS_CAPTURE</c> is false.</summary>
    public bool RedirectDns { get; init; } = true;

    /// <summary>Everything that is wrong with the annotations; the settings are not to be used then.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    public static CaptureSettings Read(IDictionary<string, string>? annotations)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        return new CaptureSettings
        {
            IncludeOutboundRanges = Ranges(annotations, MeshLabels.IncludeOutboundIpRanges, "*", problems),
            ExcludeOutboundRanges = Ranges(annotations, MeshLabels.ExcludeOutboundIpRanges, "", problems),
            IncludeOutboundPorts = Ports(annotations, MeshLabels.IncludeOutboundPorts, "", problems),
            ExcludeOutboundPorts = Ports(annotations, MeshLabels.ExcludeOutboundPorts, "", problems),
            IncludeInboundPorts = Ports(annotations, MeshLabels.IncludeInboundPorts, "*", problems),
            ExcludeInboundPorts = Ports(annotations, MeshLabels.ExcludeInboundPorts, "", problems),
            ExcludeInterfaces = Items(annotations, MeshLabels.ExcludeInterfaces, "", problems, item => item.Length <= 15, "the name of a network interface"),
            Problems = problems.ToImmutable(),
        };
    }

    /// <summary>
    /// The inbound part as the init container of a pod was told it. Rules are made once, when a pod starts: what its annotations
    /// say since changes nothing.
    /// </summary>
    public static InboundCapture InboundOf(V1PodSpec? spec)
    {
        var arguments = spec?.InitContainers?.FirstOrDefault(container => container.Name == InjectedContainers.InitName)?.Args;
        if (arguments is null) return InboundCapture.Everything;
        var included = Argument(arguments, IncludeInbound, "*");
        return new InboundCapture { Included = included == "*" ? null : Numbers(included), Excluded = Numbers(Argument(arguments, ExcludeInbound, "")) };
    }

    public ImmutableArray<string> Arguments()
    {
        var excluded = OwnPorts.Select(p => p.ToString()).Concat(ExcludeInboundPorts.Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct();
        return
        [
            "--outbound-port", WellKnown.OutboundPort.ToString(),
            "--inbound-port", WellKnown.InboundPort.ToString(),
            "--uid", WellKnown.ProxyUid.ToString(),
            "--include-outbound-ranges", IncludeOutboundRanges,
            "--exclude-outbound-ranges", ExcludeOutboundRanges,
            "--include-outbound-ports", IncludeOutboundPorts,
            "--exclude-outbound-ports", ExcludeOutboundPorts,
            IncludeInbound, IncludeInboundPorts,
            ExcludeInbound, string.Join(',', excluded),
            .. RedirectDns ? ["--redirect-dns"] : (string[])[],
            .. ExcludeInterfaces.Length == 0 ? (string[])[] : ["--exclude-interfaces", ExcludeInterfaces],
        ];
    }

    private static string Argument(IList<string> arguments, string name, string otherwise)
    {
        var at = arguments.IndexOf(name);
        return at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : otherwise;
    }

    private static ValueArray<int> Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => int.TryParse(item, out var port) ? port : 0).Where(port => port > 0)];

    private static string Ranges(IDictionary<string, string>? annotations, string name, string otherwise, ImmutableArray<string>.Builder problems) =>
        Items(annotations, name, otherwise, problems, IsRange, "an address range such as 10.0.0.0/8");

    private static string Ports(IDictionary<string, string>? annotations, string name, string otherwise, ImmutableArray<string>.Builder problems) =>
        Items(annotations, name, otherwise, problems, item => ushort.TryParse(item, out var port) && port > 0, "a port between 1 and 65535");

    private static string Items(
        IDictionary<string, string>? annotations, string name, string otherwise, ImmutableArray<string>.Builder problems, Func<string, bool> fits, string what)
    {
        if (annotations is null || !annotations.TryGetValue(name, out var text)) return otherwise;
        var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // Only the lists whose default it is know the star.
        if (items is ["*"] && otherwise == "*") return "*";
        foreach (var item in items.Where(item => !fits(item)))
            problems.Add($"metadata.annotations[{name}]: \"{item}\" is not {what}{(otherwise == "*" ? " (or * for all)" : "")}. Write a list separated by commas.");
        return string.Join(',', items);
    }

    private static bool IsRange(string item)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? item : item[..slash];
        if (!IPAddress.TryParse(address, out var parsed) || (!parsed.ToString().Contains(':') && address.Count(c => c == '.') != 3)) return false;
        var longest = address.Contains(':', StringComparison.Ordinal) ? 128 : 32;
        return slash < 0 || (byte.TryParse(item.AsSpan(slash + 1), out var prefix) && prefix <= longest);
    }
}
