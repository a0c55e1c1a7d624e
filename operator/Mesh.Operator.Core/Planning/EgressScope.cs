using System.Collections.Immutable;
using System.Net;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>One list of services that a Sidecar lets its pods see, for every port or for one.</summary>
internal sealed class EgressScope(SidecarEgressListener listener)
{
    private readonly ImmutableArray<EgressHost> hosts = [.. listener.Hosts.Select(EgressHost.Parse).OfType<EgressHost>()];

    /// <summary>The one port it is about; 0 for all.</summary>
    public int Port { get; } = (int)Math.Clamp(listener.Port?.Number ?? 0, 0, 65535);

    /// <summary>The pod's sidecar listens by itself (captureMode NONE).</summary>
    public bool Listens { get; } = listener.CaptureMode == "NONE" && !SidecarBinds.IsSocket(listener.Bind);

    /// <summary>Where these services are called besides their own addresses; null: nowhere.</summary>
    public IPAddress? Bind { get; } = IPAddress.TryParse(listener.Bind, out var address) ? address
        : listener.CaptureMode == "NONE" && string.IsNullOrEmpty(listener.Bind) ? IPAddress.Loopback
        : null;

    public bool Takes(Service service, string clientNamespace) =>
        Fitting(service.Key.Namespace, clientNamespace, host => host.Takes(service.Host));

    public bool Takes(VirtualServiceEntry rule, string clientNamespace) =>
        rule.Hosts.Any(written => Fitting(rule.Rule.Namespace, clientNamespace, host => host.IsExclusion ? host.Takes(written) : host.Touches(written)));

    private bool Fitting(string space, string clientNamespace, Func<EgressHost, bool> fits)
    {
        var taken = false;
        foreach (var host in hosts)
        {
            if (!host.IsOf(space, clientNamespace) || !fits(host)) continue;
            if (host.IsExclusion) return false;
            taken = true;
        }

        return taken;
    }
}
